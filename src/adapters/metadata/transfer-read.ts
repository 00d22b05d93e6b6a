import { type RawBuilder, sql } from 'kysely'
import type { Environment } from '../../domain/environment.js'
import type { ModelId } from '../../domain/model-id.js'
import type { Sha256 } from '../../domain/sha256.js'
import type {
  DeploymentRow,
  HistoryRow,
  NameRow,
  TokenRow,
  TransferRow,
  VersionRow,
} from '../../domain/transfer-row.js'
import type { Dialect, Queries, Session } from './engine.js'
import { filesColumn, toFiles } from './keep-record.js'
import type { Parameters } from './prepared.js'
import type { JsonText, Millis, Schema } from './schema.js'

/** Versions read at once; each may have thousands of files. */
const VERSIONS = 20
/** Other rows read at once. */
const ROWS = 500

type VersionColumns = Pick<
  Schema['trained_models'],
  | 'model_id'
  | 'version'
  | 'save_id'
  | 'model_type'
  | 'accuracy'
  | 's3_path'
  | 'layout'
  | 'description'
  | 'metadata'
  | 'tags'
  | 'created_at'
  | 'created_by'
  | 'updated_at'
  | 'archived_at'
> & {
  id: number
  number: number
  digest: Sha256
  size: number
  files: JsonText
  aliases: JsonText
  approvals: JsonText
}
type ApprovalTuple = [environment: Environment, approvedBy: string, digest: Sha256, approvedAt: Millis]
type Deployed = Omit<Schema['deployments'], 'id'> & { id: number }
type Recorded = Omit<Schema['history'], 'sequence'> & { sequence: number }
type Page = { modelId: ModelId; after: number; limit: number }

/** Reads the rows of a registry, page by page. */
export interface TransferReader {
  /** The rows of one name; none where nothing is known of it. */
  ofName(session: Session, modelId: ModelId): AsyncGenerator<NameRow>
  all(session: Session): AsyncGenerator<TransferRow>
}

export function transferReader(queries: Queries): TransferReader {
  const { dialect } = queries

  // Names whose versions are all gone live on in the history. The database says which comes first: it knows its order.
  const nextName = queries.prepare(
    (_, p: Parameters<{ after: string }>) =>
      sql<{ model_id: ModelId | null }>`select min(model_id) as model_id from (
        select (select model_id from models where model_id > ${p.after} order by model_id limit 1) as model_id
        union all select (select model_id from deployments where model_id > ${p.after} order by model_id limit 1)
        union all select (select model_id from history where model_id > ${p.after} order by model_id limit 1)) page`,
  )
  const model = queries.prepare(
    (_, p: Parameters<{ modelId: ModelId }>) =>
      sql<Pick<Schema['models'], 'created_at'> & { next_number: number }>`
        select m.next_number, m.created_at from models m where m.model_id = ${p.modelId}
          and exists (select 1 from trained_models v where v.model_id = ${p.modelId} and v.state = 'ready')`,
  )
  const versions = queries.prepare(
    (_, p: Parameters<Page>) =>
      sql<VersionColumns>`select v.id, v.model_id, v.version, v.number, v.save_id, v.model_type, v.accuracy, v.s3_path,
          v.layout, v.description, v.metadata, v.tags, v.digest, v.size, v.created_at, v.created_by, v.updated_at,
          v.archived_at, ${filesColumn(dialect)} as files, ${aliasesColumn(dialect)} as aliases,
          ${approvalsColumn(dialect)} as approvals
        from trained_models v where v.model_id = ${p.modelId} and v.state = 'ready' and v.number > ${p.after}
        order by v.number limit ${p.limit}`,
  )
  // A version that is being deleted is none any more.
  const deployments = queries.prepare(
    (_, p: Parameters<Page>) =>
      sql<Deployed>`select d.id, d.model_id, d.version, d.environment, d.status, d.fence, d.previous_id,
          d.previous_version, d.rollback_of, d.restores, d.deployed_at, d.deployed_by, d.approved_by, d.superseded_at,
          (select v.id from trained_models v where v.id = d.version_id and v.state = 'ready') as version_id
        from deployments d where d.model_id = ${p.modelId} and d.id > ${p.after} order by d.id limit ${p.limit}`,
  )
  const history = queries.prepare((db, p: Parameters<Page>) =>
    db
      .selectFrom('history')
      .selectAll()
      .where('model_id', '=', p.modelId)
      .where('sequence', '>', p.after)
      .orderBy('sequence')
      .limit(p.limit),
  )
  const tokens = queries.prepare((db) => db.selectFrom('access_tokens').selectAll().orderBy('name'))

  async function* ofName(session: Session, modelId: ModelId): AsyncGenerator<NameRow> {
    const named = await session.first(model, { modelId })
    let first = true
    const head = (): NameRow[] => {
      if (!first) return []
      first = false
      return [
        {
          row: 'model',
          modelId,
          nextNumber: named?.next_number ?? null,
          createdAt: named?.created_at ?? null,
        },
      ]
    }
    const page = (limit: number) => (after: number) => ({ modelId, after, limit })
    const topics: AsyncIterable<NameRow>[] = [
      paged(
        VERSIONS,
        (p) => session.all(versions, p),
        page(VERSIONS),
        toVersionRow,
        ({ number }) => number,
      ),
      paged(
        ROWS,
        (p) => session.all(deployments, p),
        page(ROWS),
        toDeploymentRow,
        ({ id }) => id,
      ),
      paged(
        ROWS,
        (p) => session.all(history, p),
        page(ROWS),
        toHistoryRow,
        ({ sequence }) => sequence,
      ),
    ]
    for (const rows of topics)
      for await (const row of rows) {
        yield* head()
        yield row
      }
  }

  return {
    ofName,
    async *all(session) {
      // What the history has of no single model stands before all names.
      let after = '*'
      for (;;) {
        const next = await session.first(nextName, { after })
        if (next === undefined || next.model_id === null) break
        yield* ofName(session, next.model_id)
        after = next.model_id
      }
      for (const token of await session.all(tokens, {})) yield toTokenRow(token)
    },
  }
}

/** All pages of one topic, one after the other. */
async function* paged<R, T extends NameRow>(
  limit: number,
  read: (page: Page) => Promise<R[]> | R[],
  page: (after: number) => Page,
  toRow: (row: R) => T,
  key: (row: R) => number,
): AsyncGenerator<T> {
  let after = 0
  for (;;) {
    const rows = await read(page(after))
    for (const row of rows) yield toRow(row)
    const last = rows.at(-1)
    if (last === undefined || rows.length < limit) return
    after = key(last)
  }
}

function aliasesColumn(dialect: Dialect): RawBuilder<JsonText> {
  return dialect.jsonArray(sql`alias`, sql`alias`, sql`aliases where version_id = v.id`)
}

function approvalsColumn(dialect: Dialect): RawBuilder<JsonText> {
  return dialect.jsonArray(
    dialect.jsonTuple(sql`environment, approved_by, digest, approved_at`),
    sql`environment, approved_by`,
    sql`approvals where version_id = v.id`,
  )
}

function toVersionRow(row: VersionColumns): VersionRow {
  const approvals: ApprovalTuple[] = JSON.parse(row.approvals)
  return {
    row: 'version',
    id: row.id,
    modelId: row.model_id,
    version: row.version,
    number: row.number,
    saveId: row.save_id,
    modelType: row.model_type,
    accuracy: row.accuracy,
    s3Path: row.s3_path,
    layout: row.layout,
    description: row.description,
    metadata: JSON.parse(row.metadata),
    tags: JSON.parse(row.tags),
    digest: row.digest,
    size: row.size,
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
    archivedAt: row.archived_at,
    // A spool is one machine's matter: wherever the rows go, the files go to the store itself.
    files: toFiles(row.files).map(({ heldBy: _, ...file }) => file),
    aliases: JSON.parse(row.aliases),
    approvals: approvals.map(([environment, approvedBy, digest, approvedAt]) => ({
      environment,
      approvedBy,
      digest,
      approvedAt,
    })),
  }
}

function toDeploymentRow(row: Deployed): DeploymentRow {
  return {
    row: 'deployment',
    id: row.id,
    modelId: row.model_id,
    version: row.version,
    versionId: row.version_id,
    environment: row.environment,
    status: row.status,
    fence: row.fence,
    previousId: row.previous_id,
    previousVersion: row.previous_version,
    rollbackOf: row.rollback_of,
    restores: row.restores,
    deployedAt: row.deployed_at,
    deployedBy: row.deployed_by,
    approvedBy: row.approved_by === null ? null : JSON.parse(row.approved_by),
    supersededAt: row.superseded_at,
  }
}

function toHistoryRow(row: Recorded): HistoryRow {
  return {
    row: 'history',
    sequence: row.sequence,
    at: row.at,
    actor: row.actor,
    action: row.action,
    modelId: row.model_id,
    version: row.version,
    environment: row.environment,
    details: JSON.parse(row.details),
  }
}

function toTokenRow({ name, hash, scopes, created_at }: Schema['access_tokens']): TokenRow {
  return { row: 'token', name, hash, scopes: JSON.parse(scopes), createdAt: created_at }
}
