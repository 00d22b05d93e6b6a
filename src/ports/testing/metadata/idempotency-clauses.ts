import { describe, expect, it } from 'vitest'
import { LEASE_MS, type MetadataSubject, sha256 } from './metadata-subject.js'

const KEEP_MS = 24 * 3_600_000
const request = (key: string, asked = 'save') => ({
  key,
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
      await store.finishIdempotent('k', answer)
      expect(await store.beginIdempotent(request('k'))).toEqual({ is: 'done', ...answer })
      await store.finishIdempotent('k', { status: 500, body: '' })
      expect(await store.beginIdempotent(request('k'))).toEqual({ is: 'done', ...answer })
    })

    it('is not for two different requests', async () => {
      const { store } = subject()
      await store.beginIdempotent(request('k'))
      expect(await store.beginIdempotent(request('k', 'deploy'))).toEqual({ is: 'mismatch' })
      await store.finishIdempotent('k', answer)
      expect(await store.beginIdempotent(request('k', 'deploy'))).toEqual({ is: 'mismatch' })
    })

    it('is forgotten when its work failed', async () => {
      const { store } = subject()
      await store.beginIdempotent(request('k'))
      await store.forgetIdempotent('k')
      await store.forgetIdempotent('k')
      expect(await store.beginIdempotent(request('k', 'deploy'))).toEqual({ is: 'new' })
    })

    it('is not forgotten once it has an answer', async () => {
      const { store } = subject()
      await store.beginIdempotent(request('k'))
      await store.finishIdempotent('k', answer)
      await store.forgetIdempotent('k')
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
      await store.finishIdempotent('k', answer)
      clock.advance(KEEP_MS - 1)
      expect(await store.beginIdempotent(request('k'))).toEqual({ is: 'done', ...answer })
      clock.advance(1)
      expect(await store.beginIdempotent(request('k'))).toEqual({ is: 'new' })
    })

    it('that nobody began cannot be finished', async () => {
      const { store } = subject()
      await store.finishIdempotent('k', answer)
      expect(await store.beginIdempotent(request('k'))).toEqual({ is: 'new' })
    })
  })
}
