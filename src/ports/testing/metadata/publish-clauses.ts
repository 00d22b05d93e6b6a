import { describe, expect, it } from 'vitest'
import { parseModelId } from '../../../domain/model-id.js'
import { parseS3Address } from '../../../domain/s3-address.js'
import { parseVersion } from '../../../domain/version.js'
import {
  contentOf,
  type DraftChanges,
  draftOf,
  fileOf,
  LEASE_MS,
  type MetadataSubject,
  MODEL,
  nameOf,
  V1,
  V2,
  V3,
} from './metadata-subject.js'

/** Every field that a draft can have. */
const FULL: DraftChanges = {
  modelType: 'transformer',
  inputShape: [128, 64],
  outputShape: [2, 3],
  accuracy: 0.875,
  metrics: { 'val/loss': 0.125, f1: -2.5e-7 },
  description: 'Reads "quotes", über-Umlaute, 日本語 and 🐎\nover two lines.',
  tags: { team: 'quant', 'data set': 'x=y', empty: '' },
  framework: 'tensorflow.js 4.22',
  hyperparameters: { layers: [{ units: 64 }, { units: 32 }], dropout: null, nested: { on: true } },
  trainedAt: '2026-01-31T12:00:00+02:00',
  lineage: { dataset: 'ticks', parentVersion: parseVersion('0.9.0'), run: 'run-7', gitCommit: 'abcdef0' },
}

export function publishClauses(subject: () => MetadataSubject): void {
  describe('publishing a version', () => {
    it('gives back every field that was saved', async () => {
      const { store } = subject()
      const draft = draftOf(MODEL, V1, FULL)
      await store.reserveVersion(draft, LEASE_MS)
      const content = contentOf(draft, 'weights/b.bin', 'model.json', 'weights/a.bin')
      const published = await store.publishVersion(draft.saveId, content, 'bob')
      if (published.is !== 'published') throw new Error(published.is)
      const { createdAt, updatedAt, ...record } = published.record
      expect(record).toEqual({
        ...FULL,
        modelId: MODEL,
        version: V1,
        number: 1,
        s3Path: draft.s3Path,
        files: ['model.json', 'weights/a.bin', 'weights/b.bin'].map((path) => fileOf(draft, path)),
        size: 30,
        digest: content.digest,
        aliases: [],
        environments: [],
        deploymentStatus: 'inactive',
        createdBy: 'ann',
      })
      expect(new Date(createdAt).toISOString()).toBe(createdAt)
      expect(updatedAt).toBe(createdAt)
      expect(await store.findVersion(MODEL, { is: 'version', version: V1 })).toEqual(published.record)
    })

    it('leaves out what was not said', async () => {
      const { saved } = subject()
      const record = await saved(MODEL, V1)
      expect(Object.keys(record).sort()).toEqual(
        [
          ...['aliases', 'createdAt', 'createdBy', 'deploymentStatus', 'digest', 'environments', 'files'],
          ...[
            'inputShape',
            'metrics',
            'modelId',
            'modelType',
            'number',
            'outputShape',
            's3Path',
            'size',
            'tags',
          ],
          ...['updatedAt', 'version'],
        ].sort(),
      )
      expect(record).toMatchObject({ metrics: {}, tags: {} })
    })

    it('keeps an accuracy of 0 and of 1', async () => {
      const { saved } = subject()
      expect((await saved(MODEL, V1, { accuracy: 0 })).accuracy).toBe(0)
      expect((await saved(MODEL, V2, { accuracy: 1 })).accuracy).toBe(1)
    })

    it('forgets files that were recorded on the way and are not in the content', async () => {
      const { store } = subject()
      const draft = draftOf(MODEL, V1)
      await store.reserveVersion(draft, LEASE_MS)
      await store.addFile(draft.saveId, fileOf(draft, 'left-over.bin'), LEASE_MS)
      await store.addFile(draft.saveId, fileOf(draft, 'model.json', 1), LEASE_MS)
      const published = await store.publishVersion(draft.saveId, contentOf(draft, 'model.json'), 'ann')
      expect(published).toMatchObject({ record: { files: [fileOf(draft, 'model.json')], size: 10 } })
    })

    it('gives the same record when it is done again, and changes nothing', async () => {
      const { store } = subject()
      const draft = draftOf(MODEL, V1)
      await store.reserveVersion(draft, LEASE_MS)
      const first = await store.publishVersion(draft.saveId, contentOf(draft), 'ann')
      const again = await store.publishVersion(draft.saveId, contentOf(draft, 'other.bin'), 'bob')
      expect(again).toEqual(first)
      expect(await store.listHistory({ limit: 10 })).toHaveLength(1)
    })

    it('makes one version of 16 publications of one save at once', async () => {
      const { store } = subject()
      const draft = draftOf(MODEL, V1)
      await store.reserveVersion(draft, LEASE_MS)
      const answers = await Promise.all(
        Array.from({ length: 16 }, () => store.publishVersion(draft.saveId, contentOf(draft), 'ann')),
      )
      for (const answer of answers) expect(answer).toEqual(answers[0])
      expect(await store.listHistory({ limit: 10 })).toHaveLength(1)
    })

    it('numbers the versions of a model from 1 without gaps, in the order in which they become visible', async () => {
      const { store, saved } = subject()
      const slow = draftOf(MODEL, V1)
      await store.reserveVersion(slow, LEASE_MS)
      const failed = draftOf(MODEL, V2)
      await store.reserveVersion(failed, LEASE_MS)
      expect((await saved(MODEL, V3)).number).toBe(1)
      await store.releaseReservation(failed.saveId)
      expect(await store.publishVersion(slow.saveId, contentOf(slow), 'ann')).toMatchObject({
        record: { number: 2 },
      })
      expect((await saved(parseModelId('another'), V1)).number).toBe(1)
      expect((await saved(MODEL, parseVersion('3.0.1'))).number).toBe(3)
    })

    it('never gives a number twice while the model exists', async () => {
      const { store, saved } = subject()
      await saved(MODEL, V1)
      await saved(MODEL, V2)
      await store.beginDeletion(MODEL, V2, 'ann')
      await store.finishDeletion(MODEL, V2)
      expect((await saved(MODEL, V2)).number).toBe(3)
    })
  })

  describe('recording a version at once', () => {
    it('records one of 32 and gives its record to the others', async () => {
      const { store } = subject()
      const drafts = Array.from({ length: 32 }, () => draftOf(MODEL, V1))
      const answers = await Promise.all(drafts.map((draft) => store.recordVersion(draft, contentOf(draft))))
      const published = answers.filter((answer) => answer.is === 'published')
      expect(published).toHaveLength(1)
      const [winner] = published
      for (const answer of answers.filter((other) => other !== winner))
        expect(answer).toEqual({ is: 'taken', by: 'version', record: winner?.record })
    })

    it('gives the record that reserving and publishing would have given', async () => {
      const { store } = subject()
      const stepwise = draftOf(MODEL, V1, { tags: { a: 'b' }, accuracy: 0.5, description: 'd' })
      await store.reserveVersion(stepwise, LEASE_MS)
      const first = await store.publishVersion(stepwise.saveId, contentOf(stepwise, 'x', 'y'), 'ann')
      const atOnce = draftOf(MODEL, V2, { tags: { a: 'b' }, accuracy: 0.5, description: 'd' })
      const second = await store.recordVersion(atOnce, contentOf(atOnce, 'x', 'y'))
      if (first.is !== 'published' || second.is !== 'published') throw new Error('not published')
      const own = { version: V2, number: 2, s3Path: atOnce.s3Path, files: second.record.files }
      expect({ ...second.record, createdAt: '', updatedAt: '' }).toEqual({
        ...first.record,
        ...own,
        createdAt: '',
        updatedAt: '',
      })
      expect(await store.listHistory({ limit: 10 })).toMatchObject([
        { action: 'saved', version: V2 },
        { action: 'saved', version: V1 },
      ])
    })

    it('waits for nobody: a version that a save holds is taken', async () => {
      const { store } = subject()
      await store.reserveVersion(draftOf(MODEL, V1), LEASE_MS)
      const draft = draftOf(MODEL, V1)
      expect(await store.recordVersion(draft, contentOf(draft))).toMatchObject({ is: 'taken', by: 'save' })
    })

    it('takes an object of a save that only a clock far ahead has under way', async () => {
      const { store, clock } = subject()
      const ahead = draftOf(MODEL, V1)
      clock.advance(3_600_000)
      await store.reserveVersion(ahead, LEASE_MS)
      clock.advance(-3_600_000)
      const object = { ...fileOf(ahead, 'a.bin'), ownership: 'caller' as const }
      const taking = draftOf(MODEL, V2)
      const content = { ...contentOf(taking), files: [object] }
      expect(await store.recordVersion(taking, content)).toMatchObject({ is: 'published' })
    })

    it('takes no object that a save under way may take back, or a deletion remove', async () => {
      const { store, clock } = subject()
      const saving = draftOf(MODEL, V1)
      await store.reserveVersion(saving, LEASE_MS)
      const object = { ...fileOf(saving, 'a.bin'), ownership: 'caller' as const }
      const taking = draftOf(MODEL, V2)
      const content = { ...contentOf(taking), files: [object] }
      const underway = { is: 'object-underway', address: object.address }
      expect(await store.recordVersion(taking, content)).toEqual(underway)
      await store.reserveVersion(taking, LEASE_MS)
      expect(await store.publishVersion(taking.saveId, content, 'ann')).toEqual(underway)
      await store.publishVersion(saving.saveId, contentOf(saving, 'a.bin'), 'ann')
      await store.beginDeletion(MODEL, V1, 'ann')
      expect(await store.publishVersion(taking.saveId, content, 'ann')).toEqual(underway)
      await store.finishDeletion(MODEL, V1)
      clock.advance(LEASE_MS - 1)
      expect(await store.publishVersion(taking.saveId, content, 'ann')).toMatchObject({ is: 'published' })
    })

    it('keeps objects that two versions share', async () => {
      const { store, listed } = subject()
      const shared = {
        ...fileOf({ s3Path: parseS3Address('s3://elsewhere/old') }, 'm.onnx'),
        ownership: 'caller',
      } as const
      for (const version of [V1, V2]) {
        const draft = draftOf(MODEL, version, { s3Path: shared.address, layout: 'file' })
        const { digest } = contentOf(draft)
        expect(await store.recordVersion(draft, { files: [shared], digest })).toMatchObject({
          record: { files: [shared], s3Path: shared.address },
        })
      }
      expect(await listed({})).toEqual([V2, V1].map((version) => nameOf({ modelId: MODEL, version })))
    })
  })
}
