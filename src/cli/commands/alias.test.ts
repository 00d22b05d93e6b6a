import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'

describe('modelry alias', () => {
  it('sets, moves and removes an alias', async () => {
    const cli = await cliInFolder()
    for (const version of ['1.0.0', '1.1.0']) await cli.save(`btc@${version}`)
    expect((await cli.ok('alias set btc@1.0.0 champion')).stdout).toBe(
      'Set the alias champion: btc@champion is btc@1.0.0.\n',
    )
    await cli.ok('alias set btc@1.1.0 champion')
    expect((await cli.ok('get btc@champion --json')).json).toMatchObject({
      version: '1.1.0',
      aliases: ['champion'],
    })
    expect((await cli.ok('alias rm btc champion')).stdout).toBe('Removed the alias champion of btc.\n')
    expect((await cli('alias rm btc champion --json')).json).toMatchObject({ code: 'MODEL_NOT_FOUND' })
  })

  it('refuses what reads as a version, and a version where the model alone is meant', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    expect((await cli('alias set btc@1.0.0 latest --json')).json).toMatchObject({
      code: 'MODEL_VALIDATION_FAILED',
    })
    expect(await cli('alias rm btc@1.0.0 champion')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('modelry alias rm btc champion'),
    })
    expect(await cli('alias')).toMatchObject({ code: 2 })
  })
})
