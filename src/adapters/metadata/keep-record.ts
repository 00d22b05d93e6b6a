import { type RawBuilder, sql } from 'kysely'
import type { Alias } from '../../domain/alias.js'
import type { FilePath } from '../../domain/file-path.js'
import type { ParsedMetadata } from '../../domain/metadata.js'
import type { ModelId } from '../../domain/model-id.js'
import { type ModelFile, type ModelRecord, type RecordText, toRecordText } from '../../domain/model-record.js'
import type { S3Address } from '../../domain/s3-address.js'
import type { Sha256 } from '../../domain/sha256.js'
import type { Version } from '../../domain/version.js'
import type { Dialect, Queries, Session } from './engine.js'
import type { Parameters } from './prepared.js'
import { statusOf } from './record-marks.js'
import type { JsonText, Millis } from './schema.js'

/** What the row of a visible version says in its record. */
export interface VersionColumns {
  readonly model_id: ModelId
  readonly version: Version
  readonly number: number
  readonly model_type: ModelRecord['modelType']
  readonly accuracy: number | null
  readonly s3_path: S3Address
  readonly description: string | null
  readonly metadata: JsonText
  readonly tags: JsonText
  readonly digest: Sha256
  readonly size: number
  readonly created_at: Millis
  readonly created_by: string
  readonly updated_at: Millis
  readonly archived_at: Millis | null
}

/** A version with all that hangs on it, as one query reads it. */
interface GatheredRow extends VersionColumns {
  readonly files: JsonText
  readonly aliases: JsonText
  readonly environments: JsonText
  readonly approvals: JsonText
}

/** The part of the metadata that never changes and that nothing is searched by, kept as one JSON value. */
export type FixedMetadata = Pick<
  ParsedMetadata,
  'inputShape' | 'outputShape' | 'metrics' | 'framework' | 'hyperparameters' | 'trainedAt' | 'lineage'
>

/**
 * Writes the record of a visible version anew, from all the tables that have a part of it. Whoever changes one of those
 * parts calls it before the transaction ends.
 *
 * @returns the record.
 */
export type RecordKeeper = (session: Session, id: number) => Promise<ModelRecord>

export function recordKeeper(queries: Queries): RecordKeeper {
  const gather = queries.prepare(
    (_, p: Parameters<{ id: number }>) =>
      sql<GatheredRow>`select ${gatheredColumns(queries.dialect)} from trained_models v
        where v.id = ${p.id} and v.state = 'ready'`,
  )
  const keep = queries.prepare((db, p: Parameters<{ id: number; record: RecordText }>) =>
    db.updateTable('trained_models').set({ record: p.record }).where('id', '=', p.id),
  )
  const lock = queries.prepare((db, p: Parameters<{ id: number }>) =>
    db.selectFrom('trained_models').select('id').where('id', '=', p.id).modifyEnd(queries.dialect.lockRow),
  )
  return async (session, id) => {
    // Only a statement that begins with the lock in hand sees what others have written to the parts.
    if (queries.dialect.writers === 'many') await session.first(lock, { id })
    const row = await session.first(gather, { id })
    if (row === undefined) throw new TypeError('a version that was changed is not visible')
    const record = composeRecord(row, {
      files: toFiles(row.files),
      aliases: listOf(row.aliases),
      environments: listOf(row.environments),
      approvals: listOf(row.approvals),
    })
    await session.run(keep, { id, record: toRecordText(record) })
    return record
  }
}

type ApprovalTuple = [environment: string, approvedBy: string, approvedAt: Millis]
type FileTuple = [FilePath, number, Sha256, string, S3Address, ModelFile['ownership'], string | null]

/** For a query that calls `trained_models` `v`. */
function gatheredColumns(dialect: Dialect): RawBuilder<GatheredRow> {
  const environments = dialect.jsonArray(
    sql`environment`,
    sql`environment`,
    sql`deployments where version_id = v.id and status = 'active'`,
  )
  const aliases = dialect.jsonArray(sql`alias`, sql`alias`, sql`aliases where version_id = v.id`)
  const approvals = dialect.jsonArray(
    dialect.jsonTuple(sql`environment, approved_by, approved_at`),
    sql`environment, approved_by`,
    sql`approvals where version_id = v.id and digest = v.digest`,
  )
  return sql`v.model_id, v.version, v.number, v.model_type, v.accuracy, v.s3_path, v.description,
    v.metadata, v.tags, v.digest, v.size, v.created_at, v.created_by, v.updated_at, v.archived_at,
    ${filesColumn(dialect)} as files, ${aliases} as aliases, ${environments} as environments, ${approvals} as approvals`
}

/** The files of the version `v` as JSON text, for `toFiles`. */
export function filesColumn(dialect: Dialect): RawBuilder<JsonText> {
  return dialect.jsonArray(
    dialect.jsonTuple(sql`path, size, sha256, media_type, address, ownership, held_by`),
    sql`path`,
    sql`files where version_id = v.id`,
  )
}

/** What hangs on a version, each list in the order of its names, byte by byte. */
interface RecordParts {
  readonly files: ModelFile[]
  readonly aliases: Alias[]
  readonly environments: string[]
  readonly approvals: readonly ApprovalTuple[]
}

/** The record of a version that becomes visible: nothing points at it yet. */
export function firstRecord(row: VersionColumns, files: readonly ModelFile[]): ModelRecord {
  const inOrder = files
    .map(({ path, size, sha256, mediaType, address, ownership, heldBy }) => ({
      ...{ path, size, sha256, mediaType, address, ownership },
      ...(heldBy === undefined ? {} : { heldBy }),
    }))
    .sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
  return composeRecord(row, { files: inOrder, aliases: [], environments: [], approvals: [] })
}

function composeRecord(row: VersionColumns, parts: RecordParts): ModelRecord {
  const fixed: FixedMetadata = JSON.parse(row.metadata)
  const { files, aliases, environments, approvals } = parts
  const record: ModelRecord = {
    modelId: row.model_id,
    version: row.version,
    number: row.number,
    modelType: row.model_type,
    inputShape: fixed.inputShape,
    outputShape: fixed.outputShape,
    s3Path: row.s3_path,
    metrics: fixed.metrics ?? {},
    tags: row.tags === '{}' ? {} : JSON.parse(row.tags),
    files,
    size: row.size,
    digest: row.digest,
    aliases,
    environments,
    deploymentStatus: statusOf({ archivedAt: row.archived_at ?? undefined, environments }),
    createdAt: toIso(row.created_at),
    createdBy: row.created_by,
    updatedAt: toIso(row.updated_at),
  }
  if (row.accuracy !== null) record.accuracy = row.accuracy
  if (row.description !== null) record.description = row.description
  if (fixed.framework !== undefined) record.framework = fixed.framework
  if (fixed.hyperparameters !== undefined) record.hyperparameters = fixed.hyperparameters
  if (fixed.trainedAt !== undefined) record.trainedAt = fixed.trainedAt
  if (fixed.lineage !== undefined) record.lineage = fixed.lineage
  if (row.archived_at !== null) record.archivedAt = toIso(row.archived_at)
  if (files.some(({ heldBy }) => heldBy !== undefined)) record.storage = 'pending'
  if (approvals.length > 0)
    record.approvals = approvals.map(([environment, approvedBy, approvedAt]) => ({
      environment,
      approvedBy,
      approvedAt: toIso(approvedAt),
    }))
  return record
}

export function toFiles(json: JsonText): ModelFile[] {
  const tuples: FileTuple[] = JSON.parse(json)
  return tuples.map(([path, size, sha256, mediaType, address, ownership, heldBy]) => ({
    path,
    size,
    sha256,
    mediaType,
    address,
    ownership,
    ...(heldBy === null ? {} : { heldBy }),
  }))
}

export function toIso(millis: Millis): string {
  return new Date(millis).toISOString()
}

function listOf<T>(json: JsonText): T[] {
  return json === '[]' ? [] : JSON.parse(json)
}
