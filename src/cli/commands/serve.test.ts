import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { portOf } from '../../../test/support/s3/free-ports.js'
import { cliInFolder } from '../cli.testing.js'

describe('modelry serve', () => {
  it('refuses to serve others without a token, and a port that there is not', async () => {
    const cli = await cliInFolder()
    expect(await cli('serve --host 0.0.0.0 --port 0')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('MODEL_VALIDATION_FAILED'),
    })
    expect((await cli('serve --port 99999 --json')).json).toMatchObject({ code: 'MODEL_VALIDATION_FAILED' })
  })

  it('names the option for another port where the port is taken', async () => {
    const cli = await cliInFolder()
    const taken = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void taken.close())
    await once(taken, 'listening')
    const { stderr } = await cli(`serve --port ${portOf(taken)}`)
    expect(stderr.replace(/\s+/g, ' ')).toContain('--port')
  })

  it('refuses to serve the registry of another server', async () => {
    const cli = await cliInFolder()
    expect(await cli('serve --server http://127.0.0.1:1')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--server gives'),
    })
  })

  it('ends at once when it is already told to', async () => {
    const cli = await cliInFolder()
    const { stdout } = await cli.ok('serve --port 0', {
      signal: AbortSignal.abort(),
      env: { MODELRY_LOG_LEVEL: 'silent' },
    })
    expect(stdout).toMatch(/^modelry serves \S+ at http:\/\/127\.0\.0\.1:\d+ /)
  })
})
