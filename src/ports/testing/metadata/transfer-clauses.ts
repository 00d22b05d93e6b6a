import { describe, expect, it } from 'vitest'
import { type ModelId, parseModelId } from '../../../domain/model-id.js'
import type { NameRow, TransferRow } from '../../../domain/transfer-row.js'
import { transferRowSchema } from '../../../domain/transfer-row.js'
import { parseVersion } from '../../../domain/version.js'
import type { MetadataStore } from '../../metadata-store.js'
import {
  CHAMPION,
  draftOf,
  failureOf,
  LEASE_MS,
  type MetadataSubject,
  MODEL,
  PRODUCTION,
  sha256,
  V1,
  V2,
  V3,
} from './metadata-subject.js'

const OTHER = parseModelId('eth-lstm')

export function transferClauses(
  subject: () => MetadataSubject,
  openAnother: () => Promise<MetadataStore>,
): void {
  describe('exportRows and importRows', () => {
    it('bring everything that lasts to another store, where it reads the same', async () => {
      const { store } = subject()
      await fill(subject())
      const rows = await exported(store)
      expect(rows).toContainEqual(expect.objectContaining({ row: 'deployment', approvedBy: ['carol'] }))
      for (const row of rows) expect(transferRowSchema.parse(row)).toEqual(row)
      const other = await openAnother()
      for (const name of names(rows))
        expect(await other.importRows(rowsOf(rows, name))).toEqual({ is: 'imported', renumbered: false })
      expect(await exported(other)).toEqual(rows.filter(({ row }) => row !== 'token'))
      expect(await everything(other)).toEqual(await everything(store))
    })

    it('leave reservations, deletions that are under way, locks and resets of the breaker behind', async () => {
      const { store, saved, locked } = subject()
      await store.recordBreakerReset('ann', {})
      await saved(MODEL, V1)
      await saved(MODEL, V2)
      await store.reserveVersion(draftOf(MODEL, V3), LEASE_MS)
      await store.reserveVersion(draftOf(OTHER, V3), LEASE_MS)
      await locked()
      await store.beginDeletion(MODEL, V2, 'ann')
      const rows = await exported(store)
      expect(names(rows)).toEqual([MODEL])
      expect(rows.flatMap((row) => (row.row === 'version' ? [row.version] : []))).toEqual([V1])
    })

    it('read one moment, whatever is written meanwhile', async () => {
      const { store, saved, deployed } = subject()
      await saved(MODEL, V1)
      const before = await exported(store)
      const during = await store.exportRows(async (rows) => {
        const all: TransferRow[] = []
        for await (const row of rows) {
          all.push(row)
          if (all.length > 1) continue
          await saved(MODEL, V2)
          await deployed(V2)
          await saved(OTHER, V1)
        }
        return all
      })
      expect(during).toEqual(before)
      expect((await exported(store)).length).toBeGreaterThan(before.length)
    })

    it('read one name alone where it is asked for', async () => {
      const { store } = subject()
      await fill(subject())
      const all = await exported(store)
      const rows = await store.exportRows(collected, { modelId: OTHER })
      expect(rows).toEqual(all.filter((row) => row.row !== 'token' && row.modelId === OTHER))
      expect(await store.exportRows(collected, { modelId: parseModelId('nobody') })).toEqual([])
    })

    it('let the store go on counting from what was brought', async () => {
      const { store } = subject()
      await fill(subject())
      const rows = await exported(store)
      const other = await openAnother()
      for (const name of names(rows)) await other.importRows(rowsOf(rows, name))
      const draft = draftOf(MODEL, parseVersion('9.0.0'))
      const answer = await other.recordVersion(draft, { files: [], digest: sha256('none') })
      const number = Math.max(...rows.flatMap((row) => (row.row === 'model' ? [row.nextNumber ?? 0] : [])))
      expect(answer).toMatchObject({ is: 'published', record: { number } })
      const lock = { modelId: MODEL, environment: PRODUCTION, lockId: 'later' }
      const activation = await other.activate({
        lock: { ...lock, holder: 'ann', purpose: 'deploy', leaseMs: LEASE_MS },
        version: draft.version,
        actor: 'ann',
      })
      const before = await store.findActive(MODEL, PRODUCTION)
      expect(activation).toMatchObject({
        is: 'activated',
        deployment: { fence: (before?.fence ?? 0) + 1, previousId: before?.id },
      })
    })

    it('change nothing the second time, not even where the model has changed since', async () => {
      const { store } = subject()
      await fill(subject())
      const rows = await exported(store)
      const other = await openAnother()
      for (const name of names(rows)) await other.importRows(rowsOf(rows, name))
      await other.setAlias(MODEL, CHAMPION, V1, 'bob')
      const before = await everything(other)
      for (const name of names(rows)) {
        expect(await other.compareRows(rowsOf(rows, name))).toEqual({ is: 'present' })
        expect(await other.importRows(rowsOf(rows, name))).toEqual({ is: 'present' })
      }
      expect(await everything(other)).toEqual(before)
    })

    it('refuse a model that is there with other versions, with both digests, and change nothing', async () => {
      const { store, saved } = subject()
      const ours = await saved(MODEL, V2)
      const rows = await exported(store)
      const other = await openAnother()
      const draft = draftOf(MODEL, V2)
      await other.recordVersion(draft, { files: [], digest: sha256('theirs') })
      const before = await everything(other)
      const clash = { is: 'clash', version: V2, offered: ours.digest, existing: sha256('theirs') }
      expect(await other.compareRows(rowsOf(rows, MODEL))).toEqual(clash)
      expect(await other.importRows(rowsOf(rows, MODEL))).toEqual(clash)
      expect(await everything(other)).toEqual(before)
    })

    it('refuse a name that differs only in case from one that is there', async () => {
      const { store, saved } = subject()
      await saved(MODEL, V1)
      const rows = await exported(store)
      const other = await openAnother()
      const existing = parseModelId('BTC-lstm')
      await other.recordVersion(draftOf(existing, V1), { files: [], digest: sha256('x') })
      expect(await other.importRows(rowsOf(rows, MODEL))).toEqual({ is: 'name-clash', existing })
    })

    it('refuse a name whose versions were others, though they are gone', async () => {
      const { store, saved } = subject()
      await saved(MODEL, V1)
      const rows = await exported(store)
      const other = await openAnother()
      await other.recordVersion(draftOf(MODEL, V1, { actor: 'bob' }), { files: [], digest: sha256('x') })
      await other.beginDeletion(MODEL, V1, 'bob')
      await other.finishDeletion(MODEL, V1)
      expect(await other.importRows(rowsOf(rows, MODEL))).toEqual({ is: 'clash' })
    })

    it('move ids behind those that are taken, and all that names them', async () => {
      const { store } = subject()
      await fill(subject())
      const rows = await exported(store)
      const other = await openAnother()
      const mine = parseModelId('mine')
      await other.recordVersion(draftOf(mine, V1), { files: [], digest: sha256('x') })
      await other.activate({
        lock: {
          modelId: mine,
          environment: PRODUCTION,
          lockId: 'mine',
          holder: 'ann',
          purpose: 'deploy',
          leaseMs: LEASE_MS,
        },
        version: V1,
        actor: 'ann',
      })
      expect(await other.importRows(rowsOf(rows, MODEL))).toEqual({ is: 'imported', renumbered: true })
      const [ours, theirs] = [await everything(store), await everything(other)]
      const of = (all: typeof ours) => all.deployments.filter(({ modelId }) => modelId === MODEL)
      const links = (all: typeof ours) => {
        const ids = of(all).map(({ id }) => id)
        return of(all).map(({ previousId, rollbackOf, restores }) =>
          [previousId, rollbackOf, restores].map((id) => (id === undefined ? undefined : ids.indexOf(id))),
        )
      }
      expect(links(theirs)).toEqual(links(ours))
      expect(
        links(ours)
          .flat()
          .some((at) => at !== undefined),
      ).toBe(true)
      const rolledBack = theirs.history.find(({ action }) => action === 'rolled-back')
      const made = theirs.deployments.find(({ rollbackOf }) => rollbackOf !== undefined)
      expect(rolledBack?.details).toMatchObject({
        deploymentId: made?.id,
        rollbackOf: made?.rollbackOf,
        restores: made?.restores,
      })
      expect(await other.importRows(rowsOf(rows, MODEL))).toEqual({ is: 'present' })
    })

    it('write nothing of a name whose rows end in a failure', async () => {
      const { store } = subject()
      await fill(subject())
      const rows = await exported(store)
      const other = await openAnother()
      const broken = new Error('the line is dead')
      const failure = await failureOf(
        other.importRows(async function* () {
          for await (const row of rowsOf(rows, MODEL)()) {
            if (row.row === 'deployment') throw broken
            yield row
          }
        }),
      )
      expect(failure).toMatchObject({ cause: broken })
      expect(await exported(other)).toEqual([])
    })
  })
}

/** Two models and one that is gone, with something of everything. */
async function fill({ store, saved, deployed, locked, clock }: MetadataSubject): Promise<void> {
  await saved(MODEL, V1, {
    tags: { stage: 'prod' },
    description: 'The "first" one: ünïcode',
    accuracy: 0.1 + 0.2,
  })
  clock.advance(1000)
  await saved(OTHER, V1, { metrics: { rmse: 1e-7 }, hyperparameters: { layers: [1, { a: null }] } })
  await saved(MODEL, V2, { layout: 'file', framework: 'tfjs', lineage: { dataset: 'x' } })
  await saved(MODEL, V3)
  clock.advance(1000)
  const gone = parseModelId('gone/model')
  await saved(gone, V1)
  await store.beginDeletion(gone, V1, 'ann')
  await store.finishDeletion(gone, V1)
  const first = await deployed(V1)
  await deployed(V1, 'staging')
  clock.advance(1000)
  const second = await deployed(V2)
  const lock = await locked()
  await store.activate({
    lock,
    version: V1,
    actor: 'bob',
    rollback: { of: second.id, restores: first.id },
  })
  await store.releaseLock(lock)
  await store.setAlias(MODEL, CHAMPION, V2, 'ann')
  await store.approve(MODEL, V2, PRODUCTION, 'carol')
  const approved = await locked()
  await store.activate({ lock: approved, version: V2, actor: 'ann', approvals: 1 })
  await store.releaseLock(approved)
  await store.archiveVersion(MODEL, V3, 'ann')
  await store.updateVersion(MODEL, V2, { tags: { b: '2', a: '1' } }, 'ann')
  await store.beginDeletion(MODEL, V3, 'ann')
  await store.finishDeletion(MODEL, V3)
  await saved(MODEL, V3)
  await store.archiveVersion(MODEL, V3, 'ann')
  await store.addToken({
    name: 'ci',
    hash: sha256('ci'),
    scopes: ['read'],
    createdAt: '2026-01-31T12:00:00.000Z',
  })
}

async function collected(rows: AsyncIterable<TransferRow>): Promise<TransferRow[]> {
  const all: TransferRow[] = []
  for await (const row of rows) all.push(row)
  return all
}

const exported = (store: MetadataStore) => store.exportRows(collected)

function names(rows: readonly TransferRow[]): ModelId[] {
  return rows.flatMap((row) => (row.row === 'model' ? [row.modelId] : []))
}

function rowsOf(rows: readonly TransferRow[], modelId: ModelId) {
  return async function* (): AsyncGenerator<NameRow> {
    for (const row of rows) if (row.row !== 'token' && row.modelId === modelId) yield row
  }
}

/** What the store answers to whoever reads it. */
async function everything(store: MetadataStore) {
  const versions = [...(await store.listModels({ limit: 1000, orderBy: 'newest' }))]
  return {
    versions,
    tagged: [...(await store.listModels({ limit: 1000, orderBy: 'oldest', tag: 'stage' }))],
    found: [...(await store.listModels({ limit: 1000, orderBy: 'oldest', query: 'first' }))],
    latest: await store.findVersion(MODEL, { is: 'latest' }),
    champion: await store.findVersion(MODEL, { is: 'alias', alias: CHAMPION }),
    deployments: [...(await store.listDeployments({ limit: 1000 }))],
    history: [...(await store.listHistory({ limit: 1000 }))],
  }
}
