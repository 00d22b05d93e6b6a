import { describe, expect, it } from 'vitest'
import { parseModelId } from '../../../domain/model-id.js'
import {
  CHAMPION,
  contentOf,
  draftOf,
  LEASE_MS,
  type MetadataSubject,
  MODEL,
  PRODUCTION,
  V1,
  V2,
} from './metadata-subject.js'

export function deleteClauses(subject: () => MetadataSubject): void {
  describe('deleting a version', () => {
    it('hides it with its aliases at once, and keeps its files until the end', async () => {
      const { store } = subject()
      const draft = draftOf(MODEL, V1)
      const content = contentOf(draft, 'a.bin', 'b.bin')
      await store.recordVersion(draft, content)
      const record = await store.setAlias(MODEL, CHAMPION, V1, 'ann')
      expect(await store.isBeingDeleted(draft.saveId)).toBe(false)
      expect(await store.beginDeletion(MODEL, V1, 'ann')).toEqual({ is: 'done', record })
      expect(await store.findVersion(MODEL, { is: 'version', version: V1 })).toBeUndefined()
      expect(await store.findVersion(MODEL, { is: 'alias', alias: CHAMPION })).toBeUndefined()
      expect(await store.removeAlias(MODEL, CHAMPION, 'ann')).toBeUndefined()
      expect(await store.findSave(draft.saveId)).toBeUndefined()
      const unfinished = {
        is: 'deleting',
        saveId: draft.saveId,
        modelId: MODEL,
        version: V1,
        s3Path: draft.s3Path,
        files: content.files,
        expiresInMs: 0,
      }
      expect(await store.findDeletion(MODEL, V1)).toEqual(unfinished)
      expect(await store.isBeingDeleted(draft.saveId)).toBe(true)
      expect(await store.isBeingDeleted('another')).toBe(false)
      expect(await store.listUnfinished()).toEqual([unfinished])
      await store.finishDeletion(MODEL, V1)
      expect(await store.findDeletion(MODEL, V1)).toBeUndefined()
      expect(await store.isBeingDeleted(draft.saveId)).toBe(false)
      expect(await store.listUnfinished()).toEqual([])
    })

    it('can be finished twice, and finishes nothing that was not begun', async () => {
      const { store, saved } = subject()
      await saved(MODEL, V1)
      await store.finishDeletion(MODEL, V1)
      expect(await store.findVersion(MODEL, { is: 'version', version: V1 })).toBeDefined()
      await store.beginDeletion(MODEL, V1, 'ann')
      await store.finishDeletion(MODEL, V1)
      await store.finishDeletion(MODEL, V1)
      expect(await store.beginDeletion(MODEL, V1, 'ann')).toEqual({ is: 'missing' })
    })

    it('frees the version for a new save', async () => {
      const { store, saved } = subject()
      await saved(MODEL, V1, { description: 'old', tags: { a: 'b' } })
      await store.beginDeletion(MODEL, V1, 'ann')
      await store.finishDeletion(MODEL, V1)
      expect(await saved(MODEL, V1, { description: 'new' })).toMatchObject({ description: 'new', tags: {} })
    })

    it('takes the model along with its last version, so that the name is free again', async () => {
      const { store, saved } = subject()
      for (const version of [V1, V2]) await saved(MODEL, version)
      const other = draftOf(parseModelId('BTC-LSTM'), V1)
      for (const version of [V1, V2]) {
        expect(await store.reserveVersion(other, LEASE_MS)).toEqual({ is: 'name-clash', existing: MODEL })
        await store.beginDeletion(MODEL, version, 'ann')
        await store.finishDeletion(MODEL, version)
      }
      expect(await store.neighbours(MODEL, 10)).toEqual([])
      expect(await store.reserveVersion(other, LEASE_MS)).toEqual({ is: 'reserved' })
      await store.releaseReservation(other.saveId)
      expect((await saved(MODEL, V1)).number).toBe(1)
    })

    it('is refused while the version is active, and possible when it is not', async () => {
      const { store, saved, deployed } = subject()
      for (const version of [V1, V2]) await saved(MODEL, version)
      await deployed(V1, PRODUCTION)
      expect(await store.beginDeletion(MODEL, V1, 'ann')).toEqual({
        is: 'active',
        environments: ['production'],
      })
      expect(await store.findVersion(MODEL, { is: 'version', version: V1 })).toBeDefined()
      await deployed(V2, PRODUCTION)
      expect(await store.beginDeletion(MODEL, V1, 'ann')).toMatchObject({ is: 'done' })
    })

    it('is possible for an archived version', async () => {
      const { store, saved } = subject()
      await saved(MODEL, V1)
      await store.archiveVersion(MODEL, V1, 'ann')
      expect(await store.beginDeletion(MODEL, V1, 'ann')).toMatchObject({ is: 'done' })
      await store.finishDeletion(MODEL, V1)
      expect(await store.listUnfinished()).toEqual([])
    })

    it('says that a version is missing that is not there, is being saved or is being deleted', async () => {
      const { store, saved } = subject()
      expect(await store.beginDeletion(MODEL, V1, 'ann')).toEqual({ is: 'missing' })
      await store.reserveVersion(draftOf(MODEL, V1), LEASE_MS)
      expect(await store.beginDeletion(MODEL, V1, 'ann')).toEqual({ is: 'missing' })
      await saved(MODEL, V2)
      await store.beginDeletion(MODEL, V2, 'ann')
      expect(await store.beginDeletion(MODEL, V2, 'ann')).toEqual({ is: 'missing' })
      expect(await store.listHistory({ limit: 10, version: V2, modelId: MODEL })).toHaveLength(2)
    })

    it('lets one of 16 who delete it at once begin', async () => {
      const { store, saved } = subject()
      await saved(MODEL, V1)
      const answers = await Promise.all(
        Array.from({ length: 16 }, () => store.beginDeletion(MODEL, V1, 'ann')),
      )
      expect(answers.filter(({ is }) => is === 'done')).toHaveLength(1)
      expect(answers.filter(({ is }) => is === 'missing')).toHaveLength(15)
    })

    it('keeps the record of what was deployed', async () => {
      const { store, saved, deployed } = subject()
      for (const version of [V1, V2]) await saved(MODEL, version)
      const first = await deployed(V1, PRODUCTION)
      await deployed(V2, PRODUCTION)
      await store.beginDeletion(MODEL, V1, 'ann')
      await store.finishDeletion(MODEL, V1)
      expect(await store.findDeployment(first.id)).toMatchObject({ version: V1, status: 'superseded' })
      expect(await store.listDeployments({ limit: 10 })).toHaveLength(2)
    })
  })
}
