import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'

describe('modelry delete', () => {
  it('needs --yes where nobody can answer', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    expect(await cli('delete btc@1.0.0')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Add --yes to delete btc@1.0.0.'),
    })
    await cli.ok('get btc@1.0.0')
    expect((await cli.ok('delete btc@1.0.0 --yes')).stdout).toContain('Deleted btc@1.0.0')
    expect((await cli.ok('list --json')).json).toEqual({ items: [] })
    expect((await cli.ok('scan --json')).json).toEqual({ items: [] })
  })

  it('asks at a terminal, on standard error, and takes anything but yes for no', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    const no = await cli.ok('delete btc@1.0.0', { typed: '\n' })
    expect(no.stdout).toBe('Nothing was deleted.\n')
    expect(no.stderr).toContain('Delete btc@1.0.0 and its files for good? [y/N]')
    await cli.ok('get btc@1.0.0')
    expect((await cli.ok('delete btc@1.0.0', { typed: 'y\n' })).stdout).toContain('Deleted btc@1.0.0')
  })

  it('ends with 130 when the question is interrupted', async () => {
    const cli = await cliInFolder()
    const { code, stdout } = await cli('delete btc@1.0.0', { typed: '', signal: AbortSignal.timeout(50) })
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
  })

  it('is refused for a version that is active', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    await cli.ok('deploy btc@1.0.0 --env production')
    expect((await cli('delete btc@1.0.0 --yes --json')).json).toMatchObject({
      code: 'DEPLOYMENT_FAILED',
      cause: 'version-active',
    })
  })
})
