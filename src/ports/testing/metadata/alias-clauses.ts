import { describe, expect, it } from 'vitest'
import { parseAlias } from '../../../domain/alias.js'
import { parseModelId } from '../../../domain/model-id.js'
import { CHAMPION, type MetadataSubject, MODEL, V1, V2 } from './metadata-subject.js'

export function aliasClauses(subject: () => MetadataSubject): void {
  describe('aliases', () => {
    it('move from wherever they were, and a version can have several', async () => {
      const { store, saved } = subject()
      for (const version of [V1, V2]) await saved(MODEL, version)
      expect((await store.setAlias(MODEL, CHAMPION, V1, 'ann'))?.aliases).toEqual(['champion'])
      expect((await store.setAlias(MODEL, parseAlias('blue'), V1, 'ann'))?.aliases).toEqual([
        'blue',
        'champion',
      ])
      expect(await store.setAlias(MODEL, CHAMPION, V2, 'ann')).toMatchObject({
        version: V2,
        aliases: ['champion'],
      })
      expect((await store.findVersion(MODEL, { is: 'version', version: V1 }))?.aliases).toEqual(['blue'])
    })

    it('belong to their model', async () => {
      const { store, saved } = subject()
      const other = parseModelId('other')
      await saved(MODEL, V1)
      await saved(other, V2)
      await store.setAlias(MODEL, CHAMPION, V1, 'ann')
      await store.setAlias(other, CHAMPION, V2, 'ann')
      expect((await store.findVersion(MODEL, { is: 'alias', alias: CHAMPION }))?.version).toBe(V1)
      expect((await store.findVersion(other, { is: 'alias', alias: CHAMPION }))?.version).toBe(V2)
    })

    it('are not set on a version that is not there, and stay where they are', async () => {
      const { store, saved } = subject()
      await saved(MODEL, V1)
      await store.setAlias(MODEL, CHAMPION, V1, 'ann')
      expect(await store.setAlias(MODEL, CHAMPION, V2, 'ann')).toBeUndefined()
      expect((await store.findVersion(MODEL, { is: 'alias', alias: CHAMPION }))?.version).toBe(V1)
    })

    it('leave nothing in the history when they are where they should be already', async () => {
      const { store, saved } = subject()
      await saved(MODEL, V1)
      const first = await store.setAlias(MODEL, CHAMPION, V1, 'ann')
      expect(await store.setAlias(MODEL, CHAMPION, V1, 'bob')).toEqual(first)
      expect(await store.listHistory({ limit: 10 })).toHaveLength(2)
    })

    it('are removed once, with the version that had them as the answer', async () => {
      const { store, saved } = subject()
      await saved(MODEL, V1)
      await store.setAlias(MODEL, CHAMPION, V1, 'ann')
      expect(await store.removeAlias(MODEL, CHAMPION, 'ann')).toBe(V1)
      expect(await store.removeAlias(MODEL, CHAMPION, 'ann')).toBeUndefined()
      expect(await store.findVersion(MODEL, { is: 'alias', alias: CHAMPION })).toBeUndefined()
      expect((await store.findVersion(MODEL, { is: 'version', version: V1 }))?.aliases).toEqual([])
    })
  })

  describe('changing the metadata of a version', () => {
    it('replaces the tags and the description that are given, and keeps the others', async () => {
      const { store, saved, clock } = subject()
      const before = await saved(MODEL, V1, { description: 'first', tags: { a: '1' } })
      clock.advance(1000)
      const tagged = await store.updateVersion(MODEL, V1, { tags: { b: '2' } }, 'bob')
      expect(tagged).toEqual({
        ...before,
        tags: { b: '2' },
        updatedAt: new Date(Date.parse(before.updatedAt) + 1000).toISOString(),
      })
      const described = await store.updateVersion(MODEL, V1, { description: 'second' }, 'bob')
      expect(described).toMatchObject({ description: 'second', tags: { b: '2' } })
      const cleared = await store.updateVersion(MODEL, V1, { description: null, tags: {} }, 'bob')
      expect(cleared).not.toHaveProperty('description')
      expect(cleared?.tags).toEqual({})
    })

    it('writes nothing when nothing changes', async () => {
      const { store, saved, clock } = subject()
      const before = await saved(MODEL, V1, { description: 'first', tags: { a: '1', b: '2' } })
      clock.advance(1000)
      const change = { description: 'first', tags: { b: '2', a: '1' } }
      expect(await store.updateVersion(MODEL, V1, change, 'bob')).toEqual(before)
      expect(await store.updateVersion(MODEL, V1, {}, 'bob')).toEqual(before)
      expect(await store.listHistory({ limit: 10 })).toHaveLength(1)
    })

    it('knows nothing of a version that is not there', async () => {
      const { store } = subject()
      expect(await store.updateVersion(MODEL, V1, { tags: {} }, 'bob')).toBeUndefined()
    })
  })
}
