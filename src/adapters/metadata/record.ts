import { type RawBuilder, sql } from 'kysely'
import type { Alias } from '../../domain/alias.js'
import type { FilePath } from '../../domain/file-path.js'
import type { ParsedMetadata } from '../../domain/metadata.js'
import type { ModelId } from '../../domain/model-id.js'
import type { ModelFile, ModelRecord } from '../../domain/model-record.js'
import type { S3Address } from '../../domain/s3-address.js'
import type { Sha256 } from '../../domain/sha256.js'
import type { Version } from '../../domain/version.js'
import type { Dialect } from './engine.js'
import type { JsonText, Millis } from './schema.js'

/** A visible version with all that hangs on it, as one query reads it. */
export interface RecordRow {
  readonly id: number
  readonly model_id: ModelId
  readonly version: Version
  readonly number: number
  readonly sort_key: string
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
  readonly files: JsonText
  readonly aliases: JsonText
  readonly environments: JsonText
}

/** The part of the metadata that never changes and that nothing is searched by, kept as one JSON value. */
export type FixedMetadata = Pick<
  ParsedMetadata,
  'inputShape' | 'outputShape' | 'metrics' | 'framework' | 'hyperparameters' | 'trainedAt' | 'lineage'
>

type FileTuple = [FilePath, number, Sha256, string, S3Address, ModelFile['ownership']]

/** The columns of a RecordRow, for a query that calls `trained_models` `v`. */
export function recordColumns(dialect: Dialect): RawBuilder<RecordRow> {
  const environments = dialect.jsonArray(
    sql`environment`,
    sql`environment`,
    sql`deployments where version_id = v.id and status = 'active'`,
  )
  const aliases = dialect.jsonArray(sql`alias`, sql`alias`, sql`aliases where version_id = v.id`)
  return sql`v.id, v.model_id, v.version, v.number, v.sort_key, v.model_type, v.accuracy, v.s3_path, v.description,
    v.metadata, v.tags, v.digest, v.size, v.created_at, v.created_by, v.updated_at, v.archived_at,
    ${filesColumn(dialect)} as files, ${aliases} as aliases, ${environments} as environments`
}

/** The files of the version `v` as JSON text, for `toFiles`. */
export function filesColumn(dialect: Dialect): RawBuilder<JsonText> {
  return dialect.jsonArray(
    dialect.jsonTuple(sql`path, size, sha256, media_type, address, ownership`),
    sql`path`,
    sql`files where version_id = v.id`,
  )
}

export function toRecord(row: RecordRow): ModelRecord {
  const fixed: FixedMetadata = JSON.parse(row.metadata)
  const aliases: Alias[] = listOf(row.aliases)
  const environments: string[] = listOf(row.environments)
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
    files: toFiles(row.files),
    size: row.size,
    digest: row.digest,
    aliases,
    environments,
    deploymentStatus: row.archived_at !== null ? 'archived' : environments.length > 0 ? 'active' : 'inactive',
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
  return record
}

export function toFiles(json: JsonText): ModelFile[] {
  const tuples: FileTuple[] = JSON.parse(json)
  return tuples.map(([path, size, sha256, mediaType, address, ownership]) => ({
    path,
    size,
    sha256,
    mediaType,
    address,
    ownership,
  }))
}

export function toIso(millis: Millis): string {
  return new Date(millis).toISOString()
}

function listOf<T>(json: JsonText): T[] {
  return json === '[]' ? [] : JSON.parse(json)
}
