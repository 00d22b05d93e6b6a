import { sql } from 'kysely'
import { foldModelId } from '../../domain/model-id.js'
import type { DeploymentRow, HistoryRow, ModelRow, NameRow, VersionRow } from '../../domain/transfer-row.js'
import { isStable, sortKey } from '../../domain/version.js'
import type { Queries, Session } from './engine.js'
import { fileRows } from './file-rows.js'
import type { Parameters } from './prepared.js'
import type { Schema } from './schema.js'
import { searchText } from './search-text.js'

type GivenId<T, K extends keyof T> = Omit<T, K> & { [P in K]: number }

/** Writes rows as they were given, with ids and times of their own. */
export function transferWriter(queries: Queries): (session: Session, row: NameRow) => Promise<void> {
  const files = fileRows(queries)

  const insertModel = queries.prepare((db, p: Parameters<GivenId<Schema['models'], 'next_number'>>) =>
    db.insertInto('models').values({
      model_id: p.model_id,
      folded: p.folded,
      next_number: p.next_number,
      created_at: p.created_at,
    }),
  )
  const insertVersion = queries.prepare(
    (
      db,
      p: Parameters<
        GivenId<
          Omit<Schema['trained_models'], 'state' | 'lease_expires_at' | 'lease_ms' | 'announced' | 'record'>,
          'id'
        >
      >,
    ) =>
      db.insertInto('trained_models').values({
        id: p.id,
        model_id: p.model_id,
        version: p.version,
        number: p.number,
        sort_key: p.sort_key,
        stable: p.stable,
        state: sql.lit('ready'),
        save_id: p.save_id,
        model_type: p.model_type,
        accuracy: p.accuracy,
        s3_path: p.s3_path,
        layout: p.layout,
        description: p.description,
        metadata: p.metadata,
        tags: p.tags,
        digest: p.digest,
        size: p.size,
        created_at: p.created_at,
        created_by: p.created_by,
        updated_at: p.updated_at,
        archived_at: p.archived_at,
        search_text: p.search_text,
      }),
  )
  const insertAlias = queries.prepare((db, p: Parameters<Schema['aliases']>) =>
    db.insertInto('aliases').values({ model_id: p.model_id, alias: p.alias, version_id: p.version_id }),
  )
  const insertApproval = queries.prepare((db, p: Parameters<Schema['approvals']>) =>
    db.insertInto('approvals').values({
      version_id: p.version_id,
      environment: p.environment,
      approved_by: p.approved_by,
      digest: p.digest,
      approved_at: p.approved_at,
    }),
  )
  const insertDeployment = queries.prepare((db, p: Parameters<GivenId<Schema['deployments'], 'id'>>) =>
    db.insertInto('deployments').values({
      id: p.id,
      model_id: p.model_id,
      version: p.version,
      version_id: p.version_id,
      environment: p.environment,
      status: p.status,
      fence: p.fence,
      previous_id: p.previous_id,
      previous_version: p.previous_version,
      rollback_of: p.rollback_of,
      restores: p.restores,
      deployed_at: p.deployed_at,
      deployed_by: p.deployed_by,
      approved_by: p.approved_by,
      superseded_at: p.superseded_at,
    }),
  )
  const insertHistory = queries.prepare((db, p: Parameters<GivenId<Schema['history'], 'sequence'>>) =>
    db.insertInto('history').values({
      sequence: p.sequence,
      at: p.at,
      actor: p.actor,
      action: p.action,
      model_id: p.model_id,
      version: p.version,
      environment: p.environment,
      details: p.details,
    }),
  )

  async function writeModel(session: Session, row: ModelRow): Promise<void> {
    // A name without versions has no row of its own: it is what the history says of it.
    if (row.nextNumber === null || row.createdAt === null) return
    await session.run(insertModel, {
      model_id: row.modelId,
      folded: foldModelId(row.modelId),
      next_number: row.nextNumber,
      created_at: row.createdAt,
    })
  }

  async function writeVersion(session: Session, row: VersionRow): Promise<void> {
    await session.run(insertVersion, {
      id: row.id,
      model_id: row.modelId,
      version: row.version,
      number: row.number,
      sort_key: sortKey(row.version),
      stable: isStable(row.version) ? 1 : 0,
      save_id: row.saveId,
      model_type: row.modelType,
      accuracy: row.accuracy,
      s3_path: row.s3Path,
      layout: row.layout,
      description: row.description,
      metadata: JSON.stringify(row.metadata),
      tags: JSON.stringify(row.tags),
      digest: row.digest,
      size: row.size,
      created_at: row.createdAt,
      created_by: row.createdBy,
      updated_at: row.updatedAt,
      archived_at: row.archivedAt,
      search_text: searchText(row.modelId, row.description, row.tags),
    })
    await files.putAll(session, row.id, row.files)
    for (const alias of row.aliases)
      await session.run(insertAlias, { model_id: row.modelId, alias, version_id: row.id })
    for (const { environment, approvedBy, digest, approvedAt } of row.approvals)
      await session.run(insertApproval, {
        version_id: row.id,
        environment,
        approved_by: approvedBy,
        digest,
        approved_at: approvedAt,
      })
  }

  async function writeDeployment(session: Session, row: DeploymentRow): Promise<void> {
    await session.run(insertDeployment, {
      id: row.id,
      model_id: row.modelId,
      version: row.version,
      version_id: row.versionId,
      environment: row.environment,
      status: row.status,
      fence: row.fence,
      previous_id: row.previousId,
      previous_version: row.previousVersion,
      rollback_of: row.rollbackOf,
      restores: row.restores,
      deployed_at: row.deployedAt,
      deployed_by: row.deployedBy,
      approved_by: row.approvedBy === null ? null : JSON.stringify(row.approvedBy),
      superseded_at: row.supersededAt,
    })
  }

  async function writeHistory(session: Session, row: HistoryRow): Promise<void> {
    await session.run(insertHistory, {
      sequence: row.sequence,
      at: row.at,
      actor: row.actor,
      action: row.action,
      model_id: row.modelId,
      version: row.version,
      environment: row.environment,
      details: JSON.stringify(row.details),
    })
  }

  return (session, row) => {
    switch (row.row) {
      case 'model':
        return writeModel(session, row)
      case 'version':
        return writeVersion(session, row)
      case 'deployment':
        return writeDeployment(session, row)
      case 'history':
        return writeHistory(session, row)
    }
  }
}
