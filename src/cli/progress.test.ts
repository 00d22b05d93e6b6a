import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { withProgress } from './progress.js'
import { Session } from './session.js'

describe('withProgress', () => {
  it('shows a bar on a terminal once the transfer takes a while, with what is done of what', async () => {
    const { session, stderr } = sessionOn({ isTTY: true, columns: 80 })
    let shown = ''
    stderr.on('data', (chunk: Buffer) => {
      shown += chunk.toString('utf8')
    })
    await withProgress(session, 'Saving', async (onProgress) => {
      onProgress({ bytes: 500, totalBytes: 2000, file: 'model.json' })
      await expect.poll(() => shown, { timeout: 10_000 }).toContain('Saving model.json')
      expect(shown).toContain(`[${'='.repeat(6)}${'-'.repeat(18)}] 500 B of 2.0 kB`)
      onProgress({ bytes: 1000, totalBytes: 2000, file: 'model.json' })
      await expect.poll(() => shown, { timeout: 10_000 }).toContain('1.0 kB of 2.0 kB')
    })
  })

  it('shows no bar for a stream that does not say how long it is', async () => {
    const { session, stderr } = sessionOn({ isTTY: true, columns: 80 })
    let shown = ''
    stderr.on('data', (chunk: Buffer) => {
      shown += chunk.toString('utf8')
    })
    await withProgress(session, 'Saving', async (onProgress) => {
      onProgress({ bytes: 1_500_000, file: 'model.onnx' })
      await expect.poll(() => shown, { timeout: 10_000 }).toContain('Saving model.onnx 1.5 MB')
    })
    expect(shown).not.toContain('[=')
  })

  it('shows nothing where no terminal reads standard error', async () => {
    const { session, stderr } = sessionOn({})
    await withProgress(session, 'Saving', async (onProgress) => onProgress({ bytes: 1 }))
    expect(stderr.readableLength).toBe(0)
  })
})

function sessionOn(terminal: { isTTY?: boolean; columns?: number }) {
  const stderr = new PassThrough()
  const session = new Session(
    {
      stdin: Object.assign(new PassThrough(), { isTTY: false }),
      stdout: new PassThrough(),
      stderr: Object.assign(stderr, terminal),
      env: {},
      cwd: '/',
      signal: new AbortController().signal,
    },
    { json: false, color: true, debug: false },
  )
  return { session, stderr }
}
