import { sql } from 'kysely'
import { foldModelId, type ModelId } from '../../domain/model-id.js'
import type { HistoryRow } from '../../domain/transfer-row.js'
import type { Version } from '../../domain/version.js'
import type { Comparison, ReadNameRows } from '../../ports/metadata-transfer.js'
import type { Queries, Session } from './engine.js'
import type { Parameters } from './prepared.js'
import type { Schema } from './schema.js'

type Entry = Pick<Schema['history'], 'at' | 'actor' | 'action' | 'version'>

/** Compares the rows of a name with what is there. */
export function transferComparer(
  queries: Queries,
): (session: Session, rows: ReadNameRows) => Promise<Comparison> {
  const named = queries.prepare((db, p: Parameters<{ folded: string }>) =>
    db.selectFrom('models').select('model_id').where('folded', '=', p.folded),
  )
  const deployed = queries.prepare(
    (_, p: Parameters<{ modelId: ModelId }>) =>
      sql<{ id: number }>`select id from deployments where model_id = ${p.modelId} order by id limit 1`,
  )
  const firstEntry = queries.prepare(
    (_, p: Parameters<{ modelId: ModelId }>) =>
      sql<Entry>`select at, actor, action, version from history where model_id = ${p.modelId}
        order by sequence limit 1`,
  )
  const anyVersion = queries.prepare(
    (_, p: Parameters<{ modelId: ModelId }>) =>
      sql<Pick<Schema['trained_models'], 'version' | 'digest'>>`select version, digest from trained_models
        where model_id = ${p.modelId} and state = 'ready' order by number limit 1`,
  )
  const byVersion = queries.prepare(
    (_, p: Parameters<{ modelId: ModelId; version: Version }>) =>
      sql<Pick<Schema['trained_models'], 'save_id' | 'digest'>>`select save_id, digest from trained_models
        where model_id = ${p.modelId} and version = ${p.version} and state = 'ready'`,
  )

  async function clashWithAny(session: Session, modelId: ModelId): Promise<Comparison> {
    const any = await session.first(anyVersion, { modelId })
    return {
      is: 'clash',
      ...(any === undefined ? {} : { version: any.version }),
      ...(any === undefined || any.digest === null ? {} : { existing: any.digest }),
    }
  }

  return async (session, rows) => {
    let entry: Entry | undefined
    let missing: ModelId | undefined
    let isFirstEntry = true
    for await (const row of rows()) {
      const { modelId } = row
      switch (row.row) {
        case 'model': {
          const owner = await session.first(named, { folded: foldModelId(modelId) })
          if (owner !== undefined && owner.model_id !== modelId)
            return { is: 'name-clash', existing: owner.model_id }
          entry = await session.first(firstEntry, { modelId })
          const unknown = owner === undefined && entry === undefined
          if (unknown && (await session.first(deployed, { modelId })) === undefined) return { is: 'new' }
          break
        }
        case 'version': {
          const { version, saveId, digest } = row
          const there = await session.first(byVersion, { modelId, version })
          if (there === undefined) missing = modelId
          else if (there.save_id !== saveId || there.digest !== digest)
            return {
              is: 'clash',
              version,
              offered: digest,
              ...(there.digest === null ? {} : { existing: there.digest }),
            }
          break
        }
        case 'history':
          if (isFirstEntry && !isSame(entry, row)) return clashWithAny(session, modelId)
          isFirstEntry = false
          break
        case 'deployment':
      }
    }
    return missing === undefined ? { is: 'present' } : clashWithAny(session, missing)
  }
}

/** Two histories that began with the same entry are one. */
function isSame(entry: Entry | undefined, row: HistoryRow): boolean {
  return (
    entry !== undefined &&
    entry.at === row.at &&
    entry.actor === row.actor &&
    entry.action === row.action &&
    entry.version === row.version
  )
}
