import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseModelId } from '../../../domain/model-id.js'
import type { LockRequest } from '../../metadata-store.js'
import { LEASE_MS, type MetadataSubject, MODEL, PRODUCTION, STAGING } from './metadata-subject.js'

function request(changes: Partial<LockRequest> = {}): LockRequest {
  return {
    modelId: MODEL,
    environment: PRODUCTION,
    lockId: randomUUID(),
    holder: 'ci:42',
    purpose: 'deploy 1.0.0',
    leaseMs: LEASE_MS,
    ...changes,
  }
}

export function lockClauses(subject: () => MetadataSubject): void {
  describe('a deployment lock', () => {
    it('is held by one of 32 who want it, and the others learn who holds it, why and for how long', async () => {
      const { store } = subject()
      const answers = await Promise.all(
        Array.from({ length: 32 }, (_, i) => store.acquireLock(request({ holder: `ci:${i}` }))),
      )
      const winner = answers.findIndex(({ is }) => is === 'acquired')
      const others = answers.filter(({ is }) => is !== 'acquired')
      expect(others).toHaveLength(31)
      for (const answer of others)
        expect(answer).toEqual({
          is: 'held',
          holder: `ci:${winner}`,
          purpose: 'deploy 1.0.0',
          expiresInMs: LEASE_MS,
        })
    })

    it('can be looked at while it is held, and no longer', async () => {
      const { store, clock } = subject()
      expect(await store.findLock(MODEL, PRODUCTION)).toBeUndefined()
      await store.acquireLock(request())
      clock.advance(LEASE_MS - 1)
      expect(await store.findLock(MODEL, PRODUCTION)).toEqual({
        holder: 'ci:42',
        purpose: 'deploy 1.0.0',
        expiresInMs: 1,
      })
      expect(await store.findLock(MODEL, STAGING)).toBeUndefined()
      clock.advance(1)
      expect(await store.findLock(MODEL, PRODUCTION)).toBeUndefined()
      const lock = request()
      await store.acquireLock(lock)
      await store.releaseLock(lock)
      expect(await store.findLock(MODEL, PRODUCTION)).toBeUndefined()
    })

    it('is one for each model and environment', async () => {
      const { store } = subject()
      expect(await store.acquireLock(request())).toEqual({ is: 'acquired' })
      expect(await store.acquireLock(request({ environment: STAGING }))).toEqual({ is: 'acquired' })
      expect(await store.acquireLock(request({ modelId: parseModelId('other') }))).toEqual({ is: 'acquired' })
    })

    it('ends with its lease, to the millisecond, and is then anybody’s', async () => {
      const { store, clock } = subject()
      const first = request()
      await store.acquireLock(first)
      clock.advance(LEASE_MS - 1)
      expect(await store.acquireLock(request())).toMatchObject({ is: 'held', expiresInMs: 1 })
      clock.advance(1)
      expect(await store.renewLock(first, LEASE_MS)).toBe(false)
      const second = request({ holder: 'ci:43' })
      expect(await store.acquireLock(second)).toEqual({ is: 'acquired' })
      expect(await store.renewLock(first, LEASE_MS)).toBe(false)
      expect(await store.acquireLock(request())).toMatchObject({ holder: 'ci:43' })
    })

    it('can be removed by others once its lease has ended, and not before', async () => {
      const { store, clock } = subject()
      expect(await store.releaseExpiredLock(MODEL, PRODUCTION)).toBeUndefined()
      const lock = request()
      await store.acquireLock(lock)
      clock.advance(LEASE_MS - 1)
      expect(await store.releaseExpiredLock(MODEL, PRODUCTION)).toBeUndefined()
      expect(await store.releaseExpiredLock(MODEL, STAGING)).toBeUndefined()
      clock.advance(1)
      expect(await store.releaseExpiredLock(MODEL, PRODUCTION)).toEqual({
        holder: 'ci:42',
        purpose: 'deploy 1.0.0',
        expiresInMs: 0,
      })
      expect(await store.renewLock(lock, LEASE_MS)).toBe(false)
      expect(await store.releaseExpiredLock(MODEL, PRODUCTION)).toBeUndefined()
    })

    it('does not block for as long as the clock was ahead that it was written by', async () => {
      const { store, clock } = subject()
      const [first, second] = [request(), request({ holder: 'ci:43' })]
      clock.advance(3_600_000)
      await store.acquireLock(first)
      clock.advance(-3_600_000)
      expect(await store.findLock(MODEL, PRODUCTION)).toBeUndefined()
      expect(await store.acquireLock(second)).toEqual({ is: 'acquired' })
      expect(await store.renewLock(first, LEASE_MS)).toBe(false)
      expect(await store.acquireLock(request())).toMatchObject({ is: 'held', expiresInMs: LEASE_MS })
    })

    it('stays with whoever holds it when the clock is set back a little', async () => {
      const { store, clock } = subject()
      const lock = request()
      await store.acquireLock(lock)
      clock.advance(-LEASE_MS)
      expect(await store.acquireLock(request())).toMatchObject({ is: 'held', expiresInMs: 2 * LEASE_MS })
      expect(await store.renewLock(lock, LEASE_MS)).toBe(true)
      expect(await store.acquireLock(request())).toMatchObject({ is: 'held', expiresInMs: LEASE_MS })
    })

    it('is renewed from the moment of asking', async () => {
      const { store, clock } = subject()
      const lock = request()
      await store.acquireLock(lock)
      clock.advance(LEASE_MS - 1)
      expect(await store.renewLock(lock, 2 * LEASE_MS)).toBe(true)
      expect(await store.acquireLock(request())).toMatchObject({ is: 'held', expiresInMs: 2 * LEASE_MS })
    })

    it('is acquired again by the acquisition that holds it, whose answer may have been lost', async () => {
      const { store } = subject()
      const lock = request()
      await store.acquireLock(lock)
      expect(await store.acquireLock(lock)).toEqual({ is: 'acquired' })
    })

    it('is given back by the one who holds it and by nobody else', async () => {
      const { store } = subject()
      const lock = request()
      await store.acquireLock(lock)
      await store.releaseLock(request())
      expect(await store.acquireLock(request())).toMatchObject({ is: 'held' })
      await store.releaseLock(lock)
      await store.releaseLock(lock)
      expect(await store.renewLock(lock, LEASE_MS)).toBe(false)
      expect(await store.acquireLock(request())).toEqual({ is: 'acquired' })
    })
  })
}
