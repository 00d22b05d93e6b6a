import { describe, expect, it } from 'vitest'
import type { StoredToken } from '../../metadata-store.js'
import { type MetadataSubject, sha256 } from './metadata-subject.js'

const token = (name: string): StoredToken => ({
  name,
  hash: sha256(name),
  scopes: ['read', 'deploy'],
  createdAt: '2026-01-31T12:00:00.000Z',
})

export function tokenClauses(subject: () => MetadataSubject): void {
  describe('access tokens', () => {
    it('are found by their hash and listed by name', async () => {
      const { store } = subject()
      await store.addToken(token('web'))
      await store.addToken(token('ci'))
      expect(await store.findToken(sha256('ci'))).toEqual(token('ci'))
      expect(await store.findToken(sha256('other'))).toBeUndefined()
      expect(await store.listTokens()).toEqual([token('ci'), token('web')])
    })

    it('are gone when they are removed', async () => {
      const { store } = subject()
      await store.addToken(token('ci'))
      expect(await store.removeToken('ci')).toBe(true)
      expect(await store.removeToken('ci')).toBe(false)
      expect(await store.findToken(sha256('ci'))).toBeUndefined()
      expect(await store.listTokens()).toEqual([])
    })

    it('keep their names to themselves: a second one of a name is refused and the first stays', async () => {
      const { store } = subject()
      await store.addToken(token('ci'))
      expect(await store.addToken({ ...token('ci'), hash: sha256('new') })).toBe(false)
      expect(await store.findToken(sha256('ci'))).toEqual(token('ci'))
    })
  })
}
