import { describe, expect, it } from 'vitest'
import { parseS3Address, type S3Address } from '../../../domain/s3-address.js'
import {
  contentOf,
  draftOf,
  fileOf,
  LEASE_MS,
  type MetadataSubject,
  MODEL,
  V1,
  V2,
  V3,
} from './metadata-subject.js'

export function scanClauses(subject: () => MetadataSubject): void {
  describe('what a scan asks', () => {
    it('lists saves with the rest of their lease, also when it has ended', async () => {
      const { store, saved, clock } = subject()
      await saved(MODEL, V3)
      const draft = draftOf(MODEL, V1)
      await store.reserveVersion(draft, LEASE_MS)
      await store.addFile(draft.saveId, fileOf(draft, 'a.bin'), LEASE_MS)
      const { saveId, s3Path } = draft
      const save = {
        is: 'saving',
        saveId,
        modelId: MODEL,
        version: V1,
        s3Path,
        files: [fileOf(draft, 'a.bin')],
      }
      expect(await store.listUnfinished()).toEqual([{ ...save, expiresInMs: LEASE_MS }])
      clock.advance(LEASE_MS + 5)
      expect(await store.listUnfinished()).toEqual([{ ...save, expiresInMs: -5 }])
    })

    it('knows the addresses of versions, of unfinished deletions and of files that a save has recorded', async () => {
      const { store } = subject()
      const ready = draftOf(MODEL, V1)
      await store.recordVersion(ready, contentOf(ready, 'a.bin'))
      const deleted = draftOf(MODEL, V2)
      await store.recordVersion(deleted, contentOf(deleted, 'a.bin'))
      await store.beginDeletion(MODEL, V2, 'ann')
      const saving = draftOf(MODEL, V3)
      await store.reserveVersion(saving, LEASE_MS)
      await store.addFile(saving.saveId, { ...fileOf(saving, 'x'), address: at('elsewhere/x') }, LEASE_MS)
      const known = [fileOf(ready, 'a.bin').address, fileOf(deleted, 'a.bin').address, at('elsewhere/x')]
      const unknown = [fileOf(ready, 'b.bin').address, fileOf(deleted, 'a.bi').address, at('elsewhere/y')]
      expect(await store.knownAddresses([...unknown, ...known])).toEqual(new Set(known))
      expect(await store.knownAddresses([])).toEqual(new Set())
      await store.addFile(
        saving.saveId,
        { ...fileOf(saving, 'y'), address: at('elsewhere/y'), ownership: 'caller' },
        LEASE_MS,
      )
      expect(await store.knownAddresses([...unknown, ...known], 'by-the-registry')).toEqual(new Set(known))
      expect(await store.knownAddresses([at('elsewhere/y')])).toEqual(new Set([at('elsewhere/y')]))
    })

    it('tells which addresses another version holds as well', async () => {
      const { store } = subject()
      const first = draftOf(MODEL, V1)
      await store.recordVersion(first, contentOf(first, 'a.bin', 'b.bin'))
      const shared = { ...fileOf(first, 'a.bin'), ownership: 'caller' as const }
      const second = draftOf(MODEL, V2)
      await store.recordVersion(second, { ...contentOf(second), files: [shared] })
      const addresses = [fileOf(first, 'a.bin').address, fileOf(first, 'b.bin').address]
      expect(await store.heldElsewhere(first.saveId, addresses)).toEqual(new Set([shared.address]))
      expect(await store.heldElsewhere('nobody', addresses)).toEqual(new Set(addresses))
      expect(await store.heldElsewhere('nobody', [])).toEqual(new Set())
    })

    it('takes all below the folder of a save under way for known, and the one address of a file', async () => {
      const { store } = subject()
      const folder = draftOf(MODEL, V1, { s3Path: at('100%_/folder') })
      const file = draftOf(MODEL, V2, { s3Path: at('file.bin'), layout: 'file' })
      await store.reserveVersion(folder, LEASE_MS)
      await store.reserveVersion(file, LEASE_MS)
      const known = [at('100%_/folder/a/b.bin'), at('file.bin')]
      const unknown = [at('100%_/folder2/a'), at('100xx/folder/a'), at('100%_/folder'), at('file.bin/a')]
      expect(await store.knownAddresses([...known, ...unknown])).toEqual(new Set(known))
      await store.releaseReservation(folder.saveId)
      expect(await store.knownAddresses(known)).toEqual(new Set([at('file.bin')]))
    })

    it('forgets the addresses of a version with the version', async () => {
      const { store } = subject()
      const draft = draftOf(MODEL, V1)
      const content = contentOf(draft)
      await store.recordVersion(draft, content)
      await store.beginDeletion(MODEL, V1, 'ann')
      await store.finishDeletion(MODEL, V1)
      expect(await store.knownAddresses(content.files.map(({ address }) => address))).toEqual(new Set())
    })

    it('answers for 500 addresses at once', async () => {
      const { store } = subject()
      const draft = draftOf(MODEL, V1)
      const paths = Array.from({ length: 250 }, (_, i) => `${i}.bin`)
      await store.recordVersion(draft, contentOf(draft, ...paths))
      const known = paths.map((path) => fileOf(draft, path).address)
      const unknown = paths.map((path) => fileOf(draft, `other/${path}`).address)
      expect(await store.knownAddresses([...known, ...unknown])).toEqual(new Set(known))
    })
  })
}

function at(key: string): S3Address {
  return parseS3Address(`s3://modelry/${key}`)
}
