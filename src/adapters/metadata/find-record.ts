import { sql } from 'kysely'
import type { Alias } from '../../domain/alias.js'
import type { ModelId } from '../../domain/model-id.js'
import type { Version } from '../../domain/version.js'
import type { VersionRef } from '../../domain/version-ref.js'
import type { Queries, Session } from './engine.js'
import type { Parameters } from './prepared.js'
import { type RecordRow, recordColumns } from './record.js'

/** Reads one visible version, by each of its names. */
export interface RecordFinder {
  byId(session: Session, id: number): Promise<RecordRow | undefined> | RecordRow | undefined
  byVersion(
    session: Session,
    modelId: ModelId,
    version: Version,
  ): Promise<RecordRow | undefined> | RecordRow | undefined
  /** The same for a transaction that is about to change the version. */
  byVersionToChange(
    session: Session,
    modelId: ModelId,
    version: Version,
  ): Promise<RecordRow | undefined> | RecordRow | undefined
  byRef(
    session: Session,
    modelId: ModelId,
    ref: VersionRef,
  ): Promise<RecordRow | undefined> | RecordRow | undefined
}

export function recordFinder(queries: Queries): RecordFinder {
  const byId = queries.prepare(
    (_, p: Parameters<{ id: number }>) =>
      sql<RecordRow>`select ${recordColumns} from trained_models v where v.id = ${p.id} and v.state = 'ready'`,
  )
  const byVersion = queries.prepare(
    (_, p: Parameters<{ modelId: ModelId; version: Version }>) =>
      sql<RecordRow>`select ${recordColumns} from trained_models v
        where v.model_id = ${p.modelId} and v.version = ${p.version} and v.state = 'ready'`,
  )
  const byVersionToChange = queries.prepare(
    (_, p: Parameters<{ modelId: ModelId; version: Version }>) =>
      sql<RecordRow>`select ${recordColumns} from trained_models v
        where v.model_id = ${p.modelId} and v.version = ${p.version} and v.state = 'ready' ${queries.dialect.lockRow}`,
  )
  const byAlias = queries.prepare(
    (_, p: Parameters<{ modelId: ModelId; alias: Alias }>) =>
      sql<RecordRow>`select ${recordColumns} from aliases a join trained_models v on v.id = a.version_id
        where a.model_id = ${p.modelId} and a.alias = ${p.alias} and v.state = 'ready'`,
  )
  const latest = queries.prepare(
    (_, p: Parameters<{ modelId: ModelId }>) =>
      sql<RecordRow>`select ${recordColumns} from trained_models v
        where v.model_id = ${p.modelId} and v.state = 'ready' and v.stable = 1 and v.archived_at is null
        order by v.sort_key desc, v.id desc limit 1`,
  )

  return {
    byId: (session, id) => session.first(byId, { id }),
    byVersion: (session, modelId, version) => session.first(byVersion, { modelId, version }),
    byVersionToChange: (session, modelId, version) => session.first(byVersionToChange, { modelId, version }),
    byRef(session, modelId, ref) {
      switch (ref.is) {
        case 'version':
          return session.first(byVersion, { modelId, version: ref.version })
        case 'alias':
          return session.first(byAlias, { modelId, alias: ref.alias })
        case 'latest':
          return session.first(latest, { modelId })
      }
    },
  }
}
