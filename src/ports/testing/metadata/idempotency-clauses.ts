import { describe, expect, it } from 'vitest'
import { LEASE_MS, type MetadataSubject, sha256 } from './metadata-subject.js'

const KEEP_MS = 24 * 3_600_000
const run = { key: 'k', owner: 'one run' }
const request = (key: string, asked = 'save', owner = run.owner) => ({
  key,
  owner,
  fingerprint: sha256(asked),
  leaseMs: LEASE_MS,
  keepMs: KEEP_MS,
})
const answer = { status: 201, body: '{"ok":"ü"}' }

export function idempotencyClauses(subject: () => MetadataSubject): void {
  describe('an idempotency key', () => {
    it('is new to one of 32 who use it at once, and in progress to the others', async () => {
      const { store } = subject()
      const answers = await Promise.all(Array.from({ length: 32 }, () => store.beginIdempotent(request('k'))))
      expect(answers.filter(({ is }) => is === 'new')).toHaveLength(1)
      expect(answers.filter(({ is }) => is === 'in-progress')).toHaveLength(31)
    })

    it('gives the first answer to every further request', async () => {
      const { store } = subject()
      await store.beginIdempotent(request('k'))
      await store.finishIdempotent(run, answer)
      expect(await store.beginIdempotent(request('k'))).toEqual({ is: 'done', ...answer })
      await store.finishIdempotent(run, { status: 500, body: '' })
      expect(await store.beginIdempotent(request('k'))).toEqual({ is: 'done', ...answer })
    })

    it('is not for two different requests', async () => {
      const { store } = subject()
      await store.beginIdempotent(request('k'))
      expect(await store.beginIdempotent(request('k', 'deploy'))).toEqual({ is: 'mismatch' })
      await store.finishIdempotent(run, answer)
      expect(await store.beginIdempotent(request('k', 'deploy'))).toEqual({ is: 'mismatch' })
    })

    it('is forgotten when its work failed', async () => {
      const { store } = subject()
      await store.beginIdempotent(request('k'))
      await store.forgetIdempotent(run)
      await store.forgetIdempotent(run)
      expect(await store.beginIdempotent(request('k', 'deploy'))).toEqual({ is: 'new' })
    })

    it('is not forgotten once it has an answer', async () => {
      const { store } = subject()
      await store.beginIdempotent(request('k'))
      await store.finishIdempotent(run, answer)
      await store.forgetIdempotent(run)
      expect(await store.beginIdempotent(request('k'))).toEqual({ is: 'done', ...answer })
    })

    it('is forgotten after its lease when nobody finished', async () => {
      const { store, clock } = subject()
      await store.beginIdempotent(request('k'))
      clock.advance(LEASE_MS - 1)
      expect(await store.beginIdempotent(request('k'))).toEqual({ is: 'in-progress' })
      clock.advance(1)
      expect(await store.beginIdempotent(request('k', 'deploy'))).toEqual({ is: 'new' })
    })

    it('is kept from the moment of its answer for as long as was asked', async () => {
      const { store, clock } = subject()
      await store.beginIdempotent(request('k'))
      clock.advance(1000)
      await store.finishIdempotent(run, answer)
      clock.advance(KEEP_MS - 1)
      expect(await store.beginIdempotent(request('k'))).toEqual({ is: 'done', ...answer })
      clock.advance(1)
      expect(await store.beginIdempotent(request('k'))).toEqual({ is: 'new' })
    })

    it('is kept for work that takes longer, and lost to the run that took it over', async () => {
      const { store, clock } = subject()
      const other = { key: 'k', owner: 'another run' }
      await store.beginIdempotent(request('k'))
      clock.advance(LEASE_MS - 1)
      expect(await store.renewIdempotent(run, LEASE_MS)).toBe(true)
      clock.advance(LEASE_MS - 1)
      expect(await store.beginIdempotent(request('k', 'save', other.owner))).toEqual({ is: 'in-progress' })
      clock.advance(1)
      expect(await store.beginIdempotent(request('k', 'save', other.owner))).toEqual({ is: 'new' })
      expect(await store.renewIdempotent(run, LEASE_MS)).toBe(false)
      await store.finishIdempotent(run, answer)
      await store.forgetIdempotent(run)
      expect(await store.beginIdempotent(request('k'))).toEqual({ is: 'in-progress' })
      await store.finishIdempotent(other, answer)
      expect(await store.beginIdempotent(request('k'))).toEqual({ is: 'done', ...answer })
    })

    it('that nobody began cannot be finished', async () => {
      const { store } = subject()
      await store.finishIdempotent(run, answer)
      expect(await store.beginIdempotent(request('k'))).toEqual({ is: 'new' })
    })
  })
}
