import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'

describe('modelry archive and restore', () => {
  it('take a version out of use and bring it back', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    expect((await cli.ok('archive btc@1.0.0')).stdout).toBe(
      'Archived btc@1.0.0. modelry restore btc@1.0.0 brings it back.\n',
    )
    expect((await cli.ok('archive btc@1.0.0')).stdout).toBe(
      'Nothing changed: btc@1.0.0 was archived before. modelry restore btc@1.0.0 brings it back.\n',
    )
    expect((await cli('deploy btc@1.0.0 --env production --json')).json).toMatchObject({
      cause: 'version-archived',
    })
    expect((await cli.ok('restore btc@1.0.0')).stdout).toBe('Restored btc@1.0.0. It can be deployed again.\n')
    expect((await cli.ok('restore btc@1.0.0')).stdout).toBe('Nothing changed: btc@1.0.0 was not archived.\n')
    await cli.ok('deploy btc@1.0.0 --env production')
    expect(await cli('archive btc@1.0.0 --json')).toMatchObject({
      code: 1,
      json: { cause: 'version-active' },
    })
  })

  it.each(['archive', 'delete --yes'])(
    '%s takes no alias, and says which version it names',
    async (command) => {
      const cli = await cliInFolder()
      await cli.save('btc@1.0.0')
      await cli.ok('alias set btc@1.0.0 champion')
      for (const name of ['champion', 'latest']) {
        const { code, stderr } = await cli(`${command} btc@${name}`)
        expect({ code, stderr: stderr.replace(/\s+/g, ' ') }).toEqual({
          code: 2,
          stderr: expect.stringContaining(`btc@${name} is btc@1.0.0 at the moment.`),
        })
      }
      expect(await cli(`${command} btc@challenger --json`)).toMatchObject({
        code: 1,
        json: { code: 'MODEL_VALIDATION_FAILED' },
      })
      await cli.ok('get btc@1.0.0')
    },
  )

  it('need a version by name', async () => {
    const cli = await cliInFolder()
    for (const command of ['archive', 'restore', 'delete', 'update', 'deploy --env x'])
      expect(await cli(`${command} btc`)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('btc@<version>'),
      })
  })
})
