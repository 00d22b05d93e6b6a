import { sql } from 'kysely'
import type { ModelId } from '../../domain/model-id.js'
import type { Page } from '../../domain/page.js'
import { sortKey } from '../../domain/version.js'
import type { VersionRef } from '../../domain/version-ref.js'
import type { MetadataStore, PageRequest } from '../../ports/metadata-store.js'
import { pageOf, readCursor } from './cursor.js'
import type { SqlEngine } from './engine.js'
import type { RecordFinder } from './find-record.js'
import type { Parameters } from './prepared.js'
import { type RecordRow, recordColumns, toRecord } from './record.js'

/** Sorts after every sort key of a version, and after every id. */
const START: readonly [string, number] = ['~', Number.MAX_SAFE_INTEGER]

/** Reading versions of one model, each as `toItem` makes it of its row. */
export interface Versions {
  findVersion<T>(modelId: ModelId, ref: VersionRef, toItem: (row: RecordRow) => T): Promise<T | undefined>
  listVersions<T>(modelId: ModelId, page: PageRequest, toItem: (row: RecordRow) => T): Promise<Page<T>>
  readonly neighbours: MetadataStore['neighbours']
}

export function versions(engine: SqlEngine, records: RecordFinder): Versions {
  const { queries } = engine

  const list = queries.prepare(
    (_, p: Parameters<{ modelId: ModelId; afterKey: string; afterId: number; limit: number }>) =>
      sql<RecordRow>`select ${recordColumns} from trained_models v
        where v.model_id = ${p.modelId} and v.state = 'ready' and (v.sort_key, v.id) < (${p.afterKey}, ${p.afterId})
        order by v.sort_key desc, v.id desc limit ${p.limit}`,
  )

  const visible = sql`exists (select 1 from trained_models v where v.model_id = m.model_id and v.state = 'ready')`
  const before = queries.prepare(
    (_, p: Parameters<{ folded: string; limit: number }>) =>
      sql<{ model_id: ModelId }>`select m.model_id from models m
        where m.folded < ${p.folded} and ${visible} order by m.folded desc limit ${p.limit}`,
  )
  const from = queries.prepare(
    (_, p: Parameters<{ folded: string; limit: number }>) =>
      sql<{ model_id: ModelId }>`select m.model_id from models m
        where m.folded >= ${p.folded} and ${visible} order by m.folded limit ${p.limit}`,
  )

  return {
    findVersion: (modelId, ref, toItem) =>
      engine.read('findVersion', (session) => {
        const itemOf = (row: RecordRow | undefined) => (row === undefined ? undefined : toItem(row))
        const row = records.byRef(session, modelId, ref)
        // Where the answer is there at once, waiting for it would cost a tenth as much as getting it.
        return row instanceof Promise ? row.then(itemOf) : itemOf(row)
      }),

    listVersions: (modelId, { limit, cursor }, toItem) =>
      engine.read('listVersions', async (session) => {
        const listing = ['versions', modelId]
        const [afterKey, afterId] = readCursor(cursor, listing, START)
        const rows = await session.all(list, { modelId, afterKey, afterId, limit: limit + 1 })
        return pageOf(rows, limit, listing, (row) => [sortKey(toRecord(row).version), row.id], toItem)
      }),

    neighbours: (modelId, limit) =>
      engine.read('neighbours', async (session) => {
        const folded = modelId.toLowerCase()
        const lower = await session.all(before, { folded, limit })
        const upper = await session.all(from, { folded, limit })
        // Half of them on each side, and more of one side where the other has fewer.
        const below = Math.min(lower.length, Math.max(limit - upper.length, Math.ceil(limit / 2)))
        return [...lower.slice(0, below).reverse(), ...upper.slice(0, limit - below)].map(
          (row) => row.model_id,
        )
      }),
  }
}
