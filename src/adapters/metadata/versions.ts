import { sql } from 'kysely'
import type { ModelId } from '../../domain/model-id.js'
import type { MetadataStore } from '../../ports/metadata-store.js'
import { pageOf, readCursor } from './cursor.js'
import type { SqlEngine } from './engine.js'
import type { RecordFinder } from './find-record.js'
import type { Parameters } from './prepared.js'
import { type RecordRow, recordColumns, toRecord } from './record.js'

/** Sorts after every sort key of a version, and after every id. */
const START: readonly [string, number] = ['~', Number.MAX_SAFE_INTEGER]

/** Reading versions of one model. */
export function versions(
  engine: SqlEngine,
  records: RecordFinder,
): Pick<MetadataStore, 'findVersion' | 'listVersions' | 'neighbours'> {
  const { queries } = engine

  const list = queries.prepare(
    (_, p: Parameters<{ modelId: ModelId; sortKey: string; id: number; limit: number }>) =>
      sql<RecordRow>`select ${recordColumns(queries.dialect)} from trained_models v
        where v.model_id = ${p.modelId} and v.state = 'ready' and (v.sort_key, v.id) < (${p.sortKey}, ${p.id})
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
    findVersion: (modelId, ref) =>
      engine.read('findVersion', async (session) => {
        const row = await records.byRef(session, modelId, ref)
        return row === undefined ? undefined : toRecord(row)
      }),

    listVersions: (modelId, { limit, cursor }) =>
      engine.read('listVersions', async (session) => {
        const listing = ['versions', modelId]
        const [sortKey, id] = readCursor(cursor, listing, START)
        const rows = await session.all(list, { modelId, sortKey, id, limit: limit + 1 })
        return pageOf(rows, limit, listing, (row) => [row.sort_key, row.id], toRecord)
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
