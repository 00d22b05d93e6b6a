import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'

describe('modelry get', () => {
  it('shows a version by its name, by an alias and as the latest', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0', "--accuracy 0.9 --tag team=quant --description 'A first try'")
    await cli.save('btc@1.1.0')
    await cli.ok('alias set btc@1.0.0 champion')
    const { stdout } = await cli.ok('get btc@1.0.0')
    expect(stdout).toContain('btc@1.0.0  inactive\n  A first try\n')
    for (const line of [
      '60 × 5',
      'accuracy 0.9',
      'champion',
      'team=quant',
      'by tester, number 1',
      'model.json',
    ])
      expect(stdout).toContain(line)
    expect((await cli.ok('get btc@champion')).stdout).toBe(stdout)
    expect((await cli.ok('get btc --json')).json).toMatchObject({ version: '1.1.0' })
  })

  it('fits 80 columns on a terminal', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    const { stdout } = await cli.ok('get btc --no-color', { columns: 80 })
    const wide = stdout.split('\n').filter((line) => line.length > 80 && !line.startsWith('  address'))
    expect(wide).toEqual([])
  })

  it('looks for the files unless it is told not to', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    await rm(join(cli.folder, '.modelry/artifacts/models/btc'), { recursive: true })
    expect((await cli('get btc --json')).json).toMatchObject({
      code: 'S3_DOWNLOAD_FAILED',
      cause: 'object-missing',
    })
    expect((await cli.ok('get btc --verify none --json')).json).toMatchObject({ version: '1.0.0' })
  })

  it('says which names are near when there is no such model or version', async () => {
    const cli = await cliInFolder()
    await cli.save('btc-lstm@1.0.0')
    expect(await cli('get btc-lsmt')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Did you mean btc-lstm?'),
    })
    expect((await cli('get btc-lstm@2.0.0 --json')).json).toMatchObject({
      code: 'MODEL_NOT_FOUND',
      context: { availableVersions: ['1.0.0'] },
    })
  })
})
