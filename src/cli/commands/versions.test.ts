import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'

describe('modelry versions', () => {
  it('lists the versions of one model, highest first', async () => {
    const cli = await cliInFolder()
    for (const version of ['1.10.0', '1.9.0', '2.0.0-rc.1']) await cli.save(`btc@${version}`)
    const { stdout } = await cli.ok('versions btc')
    expect(stdout.match(/^\d\S+/gm)).toEqual(['2.0.0-rc.1', '1.10.0', '1.9.0'])
    expect((await cli.ok('versions btc --json')).json).toMatchObject({
      items: [{ version: '2.0.0-rc.1' }, {}, {}],
    })
  })

  it.each([
    'versions btx',
    'active btx --env production',
    'history btx',
    'history btx@1.0.0',
    'deployments btx',
  ])('%s is refused, since no model is named so, with the names that are near', async (line) => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    expect((await cli(`${line} --json`)).json).toMatchObject({
      code: 'MODEL_NOT_FOUND',
      context: { didYouMean: ['btc'] },
    })
  })

  it('shows the aliases, as list does', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    await cli.ok('alias set btc@1.0.0 champion')
    for (const line of ['versions btc', 'list'])
      expect((await cli.ok(line, { columns: 80 })).stdout).toMatch(/ALIASES(?:.|\n)* champion /)
  })
})
