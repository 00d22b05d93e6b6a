import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'
import { Interruption } from '../interruption.js'

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

  it('says nothing and ends with 130 when the question is interrupted, 143 when the program is told to end', async () => {
    const cli = await cliInFolder()
    const question = 'Delete btc@1.0.0 and its files for good? [y/N]'
    for (const [by, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const control = new AbortController()
      const onError = () => control.abort(new Interruption(by))
      const ended = await cli('delete btc@1.0.0', { typed: '', signal: control.signal, onError })
      const { stdout, stderr } = ended
      expect({ code: ended.code, stdout, stderr: stderr.trimEnd() }).toEqual({
        code,
        stdout: '',
        stderr: question,
      })
    }
  })

  it('takes Ctrl-C at the question for an interruption, and Ctrl-D for a no', async () => {
    const cli = await cliInFolder()
    const stopped = await cli('delete btc@1.0.0', { typed: String.fromCharCode(3), columns: 80 })
    expect({ code: stopped.code, stdout: stopped.stdout }).toEqual({ code: 130, stdout: '' })
    expect(stopped.stderr).not.toContain('catalog')
    const left = await cli.ok('delete btc@1.0.0', { typed: String.fromCharCode(4), columns: 80 })
    expect(left.stdout).toContain('Nothing was deleted.')
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
