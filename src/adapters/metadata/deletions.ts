import { sql } from 'kysely'
import type { ModelId } from '../../domain/model-id.js'
import type { Version } from '../../domain/version.js'
import type { MetadataStore } from '../../ports/metadata-store.js'
import { activeEnvironments } from './active-environments.js'
import type { SqlEngine } from './engine.js'
import type { RecordFinder } from './find-record.js'
import { modelRows } from './model-rows.js'
import { objectLocks } from './object-locks.js'
import type { Parameters } from './prepared.js'
import { toRecord } from './record.js'
import type { Recorder } from './record-history.js'

/** Removing a version in two steps, with its bytes between them. */
export function deletions(
  engine: SqlEngine,
  records: RecordFinder,
  record: Recorder,
): Pick<MetadataStore, 'beginDeletion' | 'finishDeletion'> {
  const { queries } = engine
  const environmentsOf = activeEnvironments(queries)
  const models = modelRows(queries)
  const locks = objectLocks(queries)

  const hide = queries.prepare((db, p: Parameters<{ id: number }>) =>
    db
      .updateTable('trained_models')
      .set({ state: sql.lit('deleting') })
      .where('id', '=', p.id),
  )
  const removeAliases = queries.prepare((db, p: Parameters<{ id: number }>) =>
    db.deleteFrom('aliases').where('version_id', '=', p.id),
  )
  const remove = queries.prepare((db, p: Parameters<{ modelId: ModelId; version: Version }>) =>
    db
      .deleteFrom('trained_models')
      .where('model_id', '=', p.modelId)
      .where('version', '=', p.version)
      .where('state', '=', sql.lit('deleting')),
  )

  return {
    beginDeletion: (modelId, version, actor) =>
      engine.write('beginDeletion', async (session) => {
        await locks.toRemove(session)
        const row = await records.byVersionToChange(session, modelId, version)
        if (row === undefined) return { is: 'missing' }
        const environments = await environmentsOf(session, row.id)
        if (environments.length > 0) return { is: 'active', environments }
        await session.run(removeAliases, { id: row.id })
        await session.run(hide, { id: row.id })
        const removed = toRecord(row)
        const { number, digest } = removed
        await record(session, { actor, action: 'deleted', modelId, version, details: { number, digest } })
        return { is: 'done', record: removed }
      }),

    finishDeletion: (modelId, version) =>
      engine.write('finishDeletion', async (session) => {
        if ((await session.run(remove, { modelId, version })) > 0) await models.removeEmpty(session, modelId)
      }),
  }
}
