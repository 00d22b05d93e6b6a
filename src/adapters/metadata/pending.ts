import { sql } from 'kysely'
import type { ModelId } from '../../domain/model-id.js'
import type { ModelRecord } from '../../domain/model-record.js'
import type { S3Address } from '../../domain/s3-address.js'
import type { Version } from '../../domain/version.js'
import type { MetadataStore } from '../../ports/metadata-store.js'
import type { SqlEngine } from './engine.js'
import type { RecordFinder } from './find-record.js'
import type { RecordKeeper } from './keep-record.js'
import type { Parameters } from './prepared.js'
import type { Recorder } from './record-history.js'
import type { Schema } from './schema.js'

type Row = Omit<Schema['files'], 'version_id' | 'held_by'> & {
  model_id: ModelId
  version: Version
  held_by: string
}

/** What is in the spool of a machine instead of the store. */
export function pending(
  engine: SqlEngine,
  records: RecordFinder,
  keep: RecordKeeper,
  record: Recorder,
): Pick<MetadataStore, 'listPending' | 'settlePending'> {
  const { queries } = engine

  const list = queries.prepare(
    () =>
      sql<Row>`select v.model_id, v.version, f.path, f.size, f.sha256, f.media_type, f.address, f.ownership, f.held_by
        from files f join trained_models v on v.id = f.version_id
        where f.held_by is not null and v.state = 'ready' order by f.held_by, f.version_id, f.path`,
  )
  const settle = queries.prepare((db, p: Parameters<{ address: S3Address; holder: string }>) =>
    db
      .updateTable('files')
      .set({ held_by: sql<string | null>`null` })
      .where('address', '=', p.address)
      .where('held_by', '=', p.holder)
      .returning('version_id'),
  )

  return {
    listPending: () =>
      engine.read('listPending', async (session) =>
        (await session.all(list, {})).map((row) => ({
          modelId: row.model_id,
          version: row.version,
          path: row.path,
          size: row.size,
          sha256: row.sha256,
          mediaType: row.media_type,
          address: row.address,
          ownership: row.ownership,
          heldBy: row.held_by,
        })),
      ),

    settlePending: (address, holder, actor) =>
      engine.write('settlePending', async (session) => {
        const settled: ModelRecord[] = []
        const rows = await session.all(settle, { address, holder })
        for (const id of new Set(rows.map(({ version_id }) => version_id))) {
          if ((await records.byId(session, id)) === undefined) continue
          const kept = await keep(session, id)
          settled.push(kept)
          const { modelId, version, number, storage } = kept
          if (storage === undefined)
            await record(session, { actor, action: 'synced', modelId, version, details: { number, holder } })
        }
        return settled
      }),
  }
}
