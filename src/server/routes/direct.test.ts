import { describe, expect, it } from 'vitest'
import { metadata } from '../testing/saved.js'
import { send } from '../testing/send.js'
import { served } from '../testing/served.js'

const sha256 = 'a'.repeat(64)

async function begun() {
  const { url } = await served()
  const answer = await send(url, '/api/saves', { method: 'POST', json: { metadata, files: ['w.bin'] } })
  const save = answer.json()
  const post = (step: string, json: unknown) =>
    send(url, `/api/saves/${save.saveId}/${step}`, { method: 'POST', json })
  return { save, post }
}

describe('uploads past the server', () => {
  it('are not offered where the files are on its own disk', async () => {
    const { save, post } = await begun()
    expect(save.direct).toBeUndefined()
    const answer = await post('uploads', { path: 'w.bin', size: 10, sha256 })
    expect(answer.json()).toEqual({ is: 'through-server' })
    const completed = await post('uploads/complete', { path: 'w.bin', size: 10, sha256 })
    expect(completed.status).toBe(422)
  })

  it('keep a version reserved', async () => {
    const { save, post } = await begun()
    expect((await post('renew', {})).json()).toEqual({ leaseMs: save.leaseMs })
  })

  it('refuse a sha256, an upload and parts that are none', async () => {
    const { post } = await begun()
    const parts = { path: 'w.bin', uploadId: 'u', parts: [] }
    for (const [step, json] of [
      ['uploads', { path: 'w.bin', size: 10, sha256: 'abc' }],
      ['uploads', { path: 'w.bin', size: -1 }],
      ['uploads/parts', parts],
      ['uploads/parts', { ...parts, parts: [{ number: 0, size: 1 }] }],
      ['uploads/parts', { ...parts, parts: [{ number: 10_001, size: 1 }] }],
    ] as const)
      expect((await post(step, json)).json()).toMatchObject({ code: 'MODEL_VALIDATION_FAILED' })
  })
})
