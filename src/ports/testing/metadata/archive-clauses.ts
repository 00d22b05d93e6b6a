import { describe, expect, it } from 'vitest'
import { type MetadataSubject, MODEL, PRODUCTION, STAGING, V1, V2 } from './metadata-subject.js'

export function archiveClauses(subject: () => MetadataSubject): void {
  describe('archiving a version', () => {
    it('keeps it readable, as archived, until it is restored', async () => {
      const { store, saved, clock } = subject()
      const before = await saved(MODEL, V1)
      clock.advance(1000)
      const then = new Date(Date.parse(before.createdAt) + 1000).toISOString()
      const record = { ...before, deploymentStatus: 'archived', archivedAt: then, updatedAt: then }
      expect(await store.archiveVersion(MODEL, V1, 'bob')).toEqual({ is: 'done', record, changed: true })
      expect(await store.findVersion(MODEL, { is: 'version', version: V1 })).toEqual(record)
      clock.advance(1000)
      const later = new Date(Date.parse(then) + 1000).toISOString()
      expect(await store.restoreVersion(MODEL, V1, 'bob')).toEqual({
        is: 'done',
        record: { ...before, updatedAt: later },
        changed: true,
      })
    })

    it('writes nothing when it is so already', async () => {
      const { store, saved, clock } = subject()
      const record = await saved(MODEL, V1)
      expect(await store.restoreVersion(MODEL, V1, 'bob')).toEqual({ is: 'done', record, changed: false })
      const archived = await store.archiveVersion(MODEL, V1, 'bob')
      clock.advance(1000)
      expect(await store.archiveVersion(MODEL, V1, 'eve')).toEqual({ ...archived, changed: false })
      expect(await store.listHistory({ limit: 10 })).toHaveLength(2)
    })

    it('is refused while the version is active, with where, and allowed when it no longer is', async () => {
      const { store, saved, deployed } = subject()
      for (const version of [V1, V2]) await saved(MODEL, version)
      await deployed(V1, STAGING)
      await deployed(V1, PRODUCTION)
      expect(await store.archiveVersion(MODEL, V1, 'bob')).toEqual({
        is: 'active',
        environments: ['production', 'staging'],
      })
      await deployed(V2, STAGING)
      expect(await store.archiveVersion(MODEL, V1, 'bob')).toEqual({
        is: 'active',
        environments: ['production'],
      })
      await deployed(V2, PRODUCTION)
      expect(await store.archiveVersion(MODEL, V1, 'bob')).toMatchObject({ is: 'done', changed: true })
    })

    it('says that a version is missing', async () => {
      const { store } = subject()
      expect(await store.archiveVersion(MODEL, V1, 'bob')).toEqual({ is: 'missing' })
      expect(await store.restoreVersion(MODEL, V1, 'bob')).toEqual({ is: 'missing' })
    })
  })
}
