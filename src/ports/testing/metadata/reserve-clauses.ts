import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseFilePath } from '../../../domain/file-path.js'
import { parseModelId } from '../../../domain/model-id.js'
import { parseS3Address } from '../../../domain/s3-address.js'
import {
  contentOf,
  draftOf,
  fileOf,
  LEASE_MS,
  type MetadataSubject,
  MODEL,
  V1,
  V2,
} from './metadata-subject.js'

export function reserveClauses(subject: () => MetadataSubject): void {
  describe('reserving a version', () => {
    it('lets one of 32 who reserve it at once have it, and tells the others who holds it', async () => {
      const { store } = subject()
      const drafts = Array.from({ length: 32 }, () => draftOf(MODEL, V1))
      const answers = await Promise.all(drafts.map((draft) => store.reserveVersion(draft, LEASE_MS)))
      expect(answers.filter(({ is }) => is === 'reserved')).toHaveLength(1)
      expect(answers.filter((answer) => answer.is === 'taken' && answer.by === 'save')).toHaveLength(31)
    })

    it('says for how long a save still holds it', async () => {
      const { store, clock } = subject()
      await store.reserveVersion(draftOf(MODEL, V1), LEASE_MS)
      clock.advance(10_000)
      expect(await store.reserveVersion(draftOf(MODEL, V1), LEASE_MS)).toEqual({
        is: 'taken',
        by: 'save',
        expiresInMs: LEASE_MS - 10_000,
      })
    })

    it('gives the record of a version that exists', async () => {
      const { store, saved } = subject()
      const record = await saved(MODEL, V1)
      expect(await store.reserveVersion(draftOf(MODEL, V1), LEASE_MS)).toEqual({
        is: 'taken',
        by: 'version',
        record,
      })
    })

    it('says that a deletion is unfinished', async () => {
      const { store, saved } = subject()
      await saved(MODEL, V1)
      await store.beginDeletion(MODEL, V1, 'ann')
      expect(await store.reserveVersion(draftOf(MODEL, V1), LEASE_MS)).toEqual({
        is: 'taken',
        by: 'deletion',
      })
    })

    it('reserves again for the save that holds it, whose answer may have been lost', async () => {
      const { store } = subject()
      const draft = draftOf(MODEL, V1)
      await store.reserveVersion(draft, LEASE_MS)
      expect(await store.reserveVersion(draft, LEASE_MS)).toEqual({ is: 'reserved' })
    })

    it('hides the version until it is published', async () => {
      const { store, listed } = subject()
      await store.reserveVersion(draftOf(MODEL, V1), LEASE_MS)
      expect(await store.findVersion(MODEL, { is: 'version', version: V1 })).toBeUndefined()
      expect(await store.listVersions(MODEL, { limit: 10 })).toEqual([])
      expect(await listed({})).toEqual([])
      expect(await store.neighbours(MODEL, 10)).toEqual([])
    })

    it('takes over a reservation whose lease has ended, to the millisecond', async () => {
      const { store, clock } = subject()
      await store.reserveVersion(draftOf(MODEL, V1), LEASE_MS)
      clock.advance(LEASE_MS - 1)
      expect(await store.reserveVersion(draftOf(MODEL, V1), LEASE_MS)).toMatchObject({ by: 'save' })
      clock.advance(1)
      expect(await store.reserveVersion(draftOf(MODEL, V1), LEASE_MS)).toMatchObject({ is: 'reserved' })
    })

    it('takes over a reservation that was written by a clock far ahead', async () => {
      const { store, clock } = subject()
      const ahead = draftOf(MODEL, V1)
      clock.advance(3_600_000)
      await store.reserveVersion(ahead, LEASE_MS)
      clock.advance(-3_600_000)
      expect(await store.listUnfinished()).toMatchObject([{ saveId: ahead.saveId, expiresInMs: 0 }])
      expect(await store.reserveVersion(draftOf(MODEL, V1), LEASE_MS)).toMatchObject({ is: 'reserved' })
      expect(await store.publishVersion(ahead.saveId, contentOf(ahead), 'ann')).toEqual({ is: 'lease-lost' })
    })

    it('tells where the save had its files whose reservation it takes over', async () => {
      const { store, clock } = subject()
      const dead = draftOf(MODEL, V1, { announced: [parseFilePath('a.bin'), parseFilePath('b/c.bin')] })
      await store.reserveVersion(dead, LEASE_MS)
      expect((await store.findSave(dead.saveId))?.announced).toEqual(dead.announced)
      clock.advance(LEASE_MS)
      const { s3Path, layout, announced } = dead
      expect(await store.reserveVersion(draftOf(MODEL, V1), LEASE_MS)).toEqual({
        is: 'reserved',
        replaced: { s3Path, layout, announced },
      })
    })

    it('adopts the place of a dead save where its address was derived, and no other', async () => {
      const { store, clock } = subject()
      const below = parseS3Address(`s3://modelry/models/${MODEL}/${V1}`)
      const adopts = { below }
      const given = draftOf(MODEL, V1, { s3Path: parseS3Address(`${below}/data`) })
      await store.reserveVersion(given, LEASE_MS)
      clock.advance(LEASE_MS)
      const derived = draftOf(MODEL, V1, { adopts })
      expect(await store.reserveVersion(derived, LEASE_MS)).not.toHaveProperty('adopted')
      for (let n = 0; n < 2; n++) {
        clock.advance(LEASE_MS)
        expect(await store.reserveVersion(draftOf(MODEL, V1, { adopts }), LEASE_MS)).toMatchObject({
          adopted: derived.s3Path,
        })
      }
    })

    it('remembers for the next save what one has announced at the place that both were given', async () => {
      const { store, clock } = subject()
      const s3Path = parseS3Address('s3://modelry/given')
      const paths = [parseFilePath('a.bin')]
      const drafts = Array.from({ length: 3 }, () => draftOf(MODEL, V1, { s3Path }))
      const [first, second, third] = drafts
      if (first === undefined || second === undefined || third === undefined) throw new Error('no drafts')
      await store.reserveVersion(first, LEASE_MS)
      expect(await store.announceFiles(first.saveId, paths)).toBe(true)
      expect((await store.findSave(first.saveId))?.announced).toEqual(paths)
      clock.advance(LEASE_MS)
      expect(await store.announceFiles(first.saveId, paths)).toBe(false)
      await store.reserveVersion(second, LEASE_MS)
      clock.advance(LEASE_MS)
      expect(await store.reserveVersion(third, LEASE_MS)).toMatchObject({ replaced: { announced: paths } })
      clock.advance(LEASE_MS)
      const elsewhere = draftOf(MODEL, V1, { s3Path: parseS3Address('s3://modelry/other') })
      await store.reserveVersion(elsewhere, LEASE_MS)
      expect((await store.findSave(elsewhere.saveId))?.announced).toBeUndefined()
    })

    it('lets one of 32 take over an ended lease, and the loser can neither go on nor publish', async () => {
      const { store, clock } = subject()
      const late = draftOf(MODEL, V1)
      await store.reserveVersion(late, LEASE_MS)
      await store.addFile(late.saveId, fileOf(late, 'late.bin'), LEASE_MS)
      clock.advance(LEASE_MS)
      const drafts = Array.from({ length: 32 }, () => draftOf(MODEL, V1))
      const answers = await Promise.all(drafts.map((draft) => store.reserveVersion(draft, LEASE_MS)))
      expect(answers.filter(({ is }) => is === 'reserved')).toHaveLength(1)

      expect(await store.renewReservation(late.saveId, LEASE_MS)).toBe(false)
      expect(await store.addFile(late.saveId, fileOf(late, 'more.bin'), LEASE_MS)).toBe(false)
      expect(await store.publishVersion(late.saveId, contentOf(late), 'ann')).toEqual({ is: 'lease-lost' })
      expect(await store.findSave(late.saveId)).toBeUndefined()

      const winner = drafts[answers.findIndex(({ is }) => is === 'reserved')]
      if (winner === undefined) throw new Error('nobody won')
      expect((await store.findSave(winner.saveId))?.files).toEqual([])
      expect(await store.publishVersion(winner.saveId, contentOf(winner), 'ann')).toMatchObject({
        is: 'published',
      })
    })

    it('refuses a name that differs from another model in case alone', async () => {
      const { store, saved } = subject()
      await saved(MODEL, V1)
      const draft = draftOf(parseModelId('BTC-lstm'), V1)
      const clash = { is: 'name-clash', existing: MODEL }
      expect(await store.reserveVersion(draft, LEASE_MS)).toEqual(clash)
      expect(await store.recordVersion(draft, contentOf(draft))).toEqual(clash)
    })

    it('lets one of two names that differ in case alone have a model that both reserve at once', async () => {
      const { store } = subject()
      const names = ['Fresh', 'fresh', 'FRESH', 'fResh'].map(parseModelId)
      const answers = await Promise.all(
        names.map((name) => store.reserveVersion(draftOf(name, V1), LEASE_MS)),
      )
      expect(answers.filter(({ is }) => is === 'reserved')).toHaveLength(1)
      expect(answers.filter(({ is }) => is === 'name-clash')).toHaveLength(3)
    })

    it('frees the name of a model that nothing but ended or released reservations hold', async () => {
      const { store, clock } = subject()
      const draft = draftOf(parseModelId('Typo'), V1)
      await store.reserveVersion(draft, LEASE_MS)
      expect(await store.reserveVersion(draftOf(parseModelId('typo'), V1), LEASE_MS)).toMatchObject({
        is: 'name-clash',
      })
      clock.advance(LEASE_MS)
      const second = draftOf(parseModelId('typo'), V1)
      expect(await store.reserveVersion(second, LEASE_MS)).toEqual({ is: 'reserved' })
      await store.releaseReservation(second.saveId)
      expect(await store.reserveVersion(draftOf(parseModelId('TYPO'), V1), LEASE_MS)).toEqual({
        is: 'reserved',
      })
    })
  })

  describe('holding a reservation', () => {
    it('renews the lease from the moment of asking', async () => {
      const { store, clock } = subject()
      const draft = draftOf(MODEL, V1)
      await store.reserveVersion(draft, LEASE_MS)
      clock.advance(LEASE_MS - 1)
      expect(await store.renewReservation(draft.saveId, LEASE_MS)).toBe(true)
      clock.advance(LEASE_MS - 1)
      expect(await store.renewReservation(draft.saveId, LEASE_MS)).toBe(true)
      clock.advance(LEASE_MS)
      expect(await store.renewReservation(draft.saveId, LEASE_MS)).toBe(false)
    })

    it('is renewed by recording a file', async () => {
      const { store, clock } = subject()
      const draft = draftOf(MODEL, V1)
      await store.reserveVersion(draft, LEASE_MS)
      clock.advance(LEASE_MS - 1)
      expect(await store.addFile(draft.saveId, fileOf(draft, 'a.bin'), LEASE_MS)).toBe(true)
      clock.advance(LEASE_MS - 1)
      expect(await store.renewReservation(draft.saveId, LEASE_MS)).toBe(true)
    })

    it('ends with its lease, even when nobody else wants the version', async () => {
      const { store, clock } = subject()
      const draft = draftOf(MODEL, V1)
      await store.reserveVersion(draft, LEASE_MS)
      clock.advance(LEASE_MS)
      expect(await store.addFile(draft.saveId, fileOf(draft, 'a.bin'), LEASE_MS)).toBe(false)
      expect(await store.publishVersion(draft.saveId, contentOf(draft), 'ann')).toEqual({ is: 'lease-lost' })
    })

    it('gives the save back with its files in the order of their paths', async () => {
      const { store } = subject()
      const draft = draftOf(MODEL, V1)
      await store.reserveVersion(draft, LEASE_MS)
      for (const path of ['b.bin', 'a/z.bin', 'a/b.bin'])
        await store.addFile(draft.saveId, fileOf(draft, path), LEASE_MS)
      expect(await store.findSave(draft.saveId)).toEqual({
        saveId: draft.saveId,
        modelId: MODEL,
        version: V1,
        s3Path: draft.s3Path,
        layout: 'folder',
        state: 'saving',
        files: ['a/b.bin', 'a/z.bin', 'b.bin'].map((path) => fileOf(draft, path)),
      })
    })

    it('replaces a file that is recorded again', async () => {
      const { store } = subject()
      const draft = draftOf(MODEL, V1)
      await store.reserveVersion(draft, LEASE_MS)
      await store.addFile(draft.saveId, fileOf(draft, 'a.bin', 1), LEASE_MS)
      await store.addFile(draft.saveId, fileOf(draft, 'a.bin', 2), LEASE_MS)
      expect((await store.findSave(draft.saveId))?.files).toEqual([fileOf(draft, 'a.bin', 2)])
    })

    it('knows nothing of a save that never was', async () => {
      const { store } = subject()
      const saveId = randomUUID()
      expect(await store.findSave(saveId)).toBeUndefined()
      expect(await store.renewReservation(saveId, LEASE_MS)).toBe(false)
      await store.releaseReservation(saveId)
    })

    it('is over when it is released, and the version is free at once', async () => {
      const { store } = subject()
      const draft = draftOf(MODEL, V1)
      await store.reserveVersion(draft, LEASE_MS)
      await store.releaseReservation(draft.saveId)
      await store.releaseReservation(draft.saveId)
      expect(await store.findSave(draft.saveId)).toBeUndefined()
      expect(await store.publishVersion(draft.saveId, contentOf(draft), 'ann')).toEqual({ is: 'lease-lost' })
      expect(await store.reserveVersion(draftOf(MODEL, V1), LEASE_MS)).toEqual({ is: 'reserved' })
    })

    it('leaves a published version alone when it is released', async () => {
      const { store, saved } = subject()
      const draft = draftOf(MODEL, V1)
      await store.reserveVersion(draft, LEASE_MS)
      await store.publishVersion(draft.saveId, contentOf(draft), 'ann')
      await saved(MODEL, V2)
      await store.releaseReservation(draft.saveId)
      expect(await store.findVersion(MODEL, { is: 'version', version: V1 })).toBeDefined()
      expect((await store.findSave(draft.saveId))?.state).toBe('ready')
    })
  })
}
