import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { withHeartbeat } from './heartbeat.js'

const LEASE_MS = 30_000

describe('withHeartbeat', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('renews three times per lease while work goes on, and stops with it', async () => {
    const renew = vi.fn(async () => true)
    const work = Promise.withResolvers<string>()
    const done = withHeartbeat(
      { leaseMs: LEASE_MS, renew, onLost: () => 'lost' },
      undefined,
      () => work.promise,
    )
    await vi.advanceTimersByTimeAsync(LEASE_MS)
    expect(renew).toHaveBeenCalledTimes(3)
    work.resolve('done')
    expect(await done).toBe('done')
    await vi.advanceTimersByTimeAsync(LEASE_MS)
    expect(renew).toHaveBeenCalledTimes(3)
  })

  it('ends the work when somebody else has the lease', async () => {
    const renew = async () => false
    const seen = withHeartbeat({ leaseMs: LEASE_MS, renew, onLost: () => 'lost' }, undefined, untilAborted)
    await vi.advanceTimersByTimeAsync(LEASE_MS)
    expect(await seen).toBe('lost')
  })

  it('bears a renewal that fails, but not past the end of the lease', async () => {
    const renew = vi.fn(() => Promise.reject(new TypeError('the database is away')))
    let reason: unknown
    const seen = withHeartbeat(
      { leaseMs: LEASE_MS, renew, onLost: () => 'lost' },
      undefined,
      async (signal) => {
        reason = await untilAborted(signal)
      },
    )
    await vi.advanceTimersByTimeAsync(LEASE_MS - 1)
    expect(reason).toBeUndefined()
    await vi.advanceTimersByTimeAsync(LEASE_MS)
    await seen
    expect(reason).toBe('lost')
  })
})

function untilAborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(signal.reason))
  })
}
