import { describe, expect, it } from 'vitest'
import type { ModelFile } from '../../../domain/model-record.js'
import type { VersionDraft } from '../../metadata-store.js'
import { contentOf, draftOf, LEASE_MS, type MetadataSubject, MODEL, V1, V2, V3 } from './metadata-subject.js'

/** Files that a machine keeps until the store can be reached. */
export function pendingClauses(subject: () => MetadataSubject): void {
  describe('files in a spool', () => {
    const held = (draft: VersionDraft, holder: string, ...paths: string[]) => {
      const content = contentOf(draft, ...paths)
      return { ...content, files: content.files.map((file): ModelFile => ({ ...file, heldBy: holder })) }
    }
    const find = (version = V1) => subject().store.findVersion(MODEL, { is: 'version', version })

    it('make their version pending, and nobody else’s', async () => {
      const { store, saved } = subject()
      const draft = draftOf(MODEL, V1)
      const content = held(draft, 'here', 'a', 'b')
      const answer = await store.recordVersion(draft, content)
      expect(answer).toMatchObject({ is: 'published', record: { storage: 'pending', files: content.files } })
      expect((await saved(MODEL, V2)).storage).toBeUndefined()
      expect(await find()).toMatchObject({
        storage: 'pending',
        files: [{ heldBy: 'here' }, { heldBy: 'here' }],
      })
      expect(
        JSON.parse(String(await store.texts.findVersion(MODEL, { is: 'version', version: V1 }))),
      ).toEqual(await find())
    })

    it('are kept of a save that comes in steps', async () => {
      const { store } = subject()
      const draft = draftOf(MODEL, V1)
      await store.reserveVersion(draft, LEASE_MS)
      const { files, digest } = held(draft, 'here')
      for (const file of files) await store.addFile(draft.saveId, file, LEASE_MS)
      expect(await store.listPending()).toEqual([])
      const save = await store.findSave(draft.saveId)
      expect(save?.files).toEqual(files)
      await store.publishVersion(draft.saveId, { files: save?.files ?? [], digest }, 'ann')
      expect(await find()).toMatchObject({ storage: 'pending', files })
    })

    it('are listed by spool, in the order in which the saves began', async () => {
      const { store } = subject()
      const [second, first] = [draftOf(MODEL, V2), draftOf(MODEL, V1)]
      await store.reserveVersion(first, LEASE_MS)
      await store.recordVersion(second, held(second, 'here', 'c'))
      const third = draftOf(MODEL, V3)
      await store.recordVersion(third, held(third, 'elsewhere', 'd'))
      await store.publishVersion(first.saveId, held(first, 'here', 'b', 'a'), 'ann')
      const [file] = contentOf(first, 'a').files
      const pending = await store.listPending()
      expect(pending.map(({ heldBy, version, path }) => `${heldBy} ${version} ${path}`)).toEqual([
        'elsewhere 3.0.0 d',
        'here 1.0.0 a',
        'here 1.0.0 b',
        'here 2.0.0 c',
      ])
      expect(pending[1]).toEqual({
        ...file,
        heldBy: 'here',
        modelId: MODEL,
        version: V1,
      })
    })

    it('are settled one by one; the last one ends the pending, once, and is in the history', async () => {
      const { store } = subject()
      const draft = draftOf(MODEL, V1)
      const { files, digest } = held(draft, 'here', 'a', 'b')
      await store.recordVersion(draft, { files, digest })
      const [a, b] = files
      if (a === undefined || b === undefined) throw new TypeError('two files')
      expect(await store.settlePending(a.address, 'there', 'bob')).toEqual([])
      expect(await store.settlePending(a.address, 'here', 'bob')).toMatchObject([
        { version: V1, storage: 'pending' },
      ])
      expect((await store.listHistory({ limit: 1 }))[0]?.action).toBe('saved')
      const settled = await Promise.all([
        store.settlePending(b.address, 'here', 'bob'),
        store.settlePending(b.address, 'here', 'bob'),
      ])
      expect(settled.map(({ length }) => length).sort()).toEqual([0, 1])
      const record = await find()
      expect(settled.flat()).toEqual([record])
      expect(record).not.toHaveProperty('storage')
      expect(record?.files).toEqual(contentOf(draft, 'a', 'b').files)
      expect(await store.listPending()).toEqual([])
      const history = await store.listHistory({ limit: 10 })
      expect(history.map(({ action, actor }) => `${action} ${actor}`)).toEqual(['synced bob', 'saved ann'])
      expect(history[0]?.details).toEqual({ number: 1, holder: 'here' })
    })

    it('are settled without a trace where their version is gone', async () => {
      const { store } = subject()
      const draft = draftOf(MODEL, V1)
      const { files, digest } = held(draft, 'here')
      await store.recordVersion(draft, { files, digest })
      await store.beginDeletion(MODEL, V1, 'ann')
      expect(await store.listPending()).toEqual([])
      for (const { address } of files) expect(await store.settlePending(address, 'here', 'bob')).toEqual([])
      expect((await store.listHistory({ limit: 10 })).map(({ action }) => action)).toEqual([
        'deleted',
        'saved',
      ])
    })
  })
}
