import type { Generated } from 'kysely'
import type { Alias } from '../../domain/alias.js'
import type { Environment } from '../../domain/environment.js'
import type { FilePath } from '../../domain/file-path.js'
import type { HistoryAction } from '../../domain/history.js'
import type { ModelId } from '../../domain/model-id.js'
import type { ModelFile, ModelRecord, RecordText } from '../../domain/model-record.js'
import type { S3Address } from '../../domain/s3-address.js'
import type { Sha256 } from '../../domain/sha256.js'
import type { Version } from '../../domain/version.js'

/** Milliseconds since 1970, UTC. */
export type Millis = number
/** JSON as text. */
export type JsonText = string

/** The tables that `migrations/` makes, as TypeScript sees them. What each is for is said there. */
export interface Schema {
  readonly models: {
    model_id: ModelId
    folded: string
    next_number: Generated<number>
    created_at: Millis
  }
  readonly trained_models: {
    id: Generated<number>
    model_id: ModelId
    version: Version
    number: number | null
    sort_key: string
    stable: 0 | 1
    state: 'saving' | 'ready' | 'deleting'
    save_id: string
    lease_expires_at: Millis | null
    lease_ms: number | null
    model_type: ModelRecord['modelType']
    accuracy: number | null
    s3_path: S3Address
    layout: 'file' | 'folder'
    description: string | null
    announced: JsonText | null
    metadata: JsonText
    tags: JsonText
    digest: Sha256 | null
    size: number | null
    created_at: Millis
    created_by: string
    updated_at: Millis
    archived_at: Millis | null
    search_text: string
    record: RecordText | null
  }
  readonly files: {
    version_id: number
    path: FilePath
    size: number
    sha256: Sha256
    media_type: string
    address: S3Address
    ownership: ModelFile['ownership']
    held_by: string | null
  }
  readonly version_tags: { name: string; value: string; version_id: number }
  readonly aliases: { model_id: ModelId; alias: Alias; version_id: number }
  readonly deployments: {
    id: Generated<number>
    model_id: ModelId
    version: Version
    version_id: number | null
    environment: Environment
    status: 'active' | 'superseded'
    fence: number
    previous_id: number | null
    previous_version: Version | null
    rollback_of: number | null
    restores: number | null
    deployed_at: Millis
    deployed_by: string
    approved_by: JsonText | null
    superseded_at: Millis | null
  }
  readonly deployment_locks: {
    model_id: ModelId
    environment: Environment
    lock_id: string
    holder: string
    purpose: string
    expires_at: Millis
    lease_ms: number | null
  }
  readonly approvals: {
    version_id: number
    environment: Environment
    approved_by: string
    digest: Sha256
    approved_at: Millis
  }
  readonly history: {
    sequence: Generated<number>
    at: Millis
    actor: string
    action: HistoryAction
    model_id: ModelId
    version: Version | null
    environment: Environment | null
    details: JsonText
  }
  readonly idempotency_keys: {
    key: string
    owner: string
    fingerprint: Sha256
    keep_ms: number
    expires_at: Millis
    status: number | null
    body: string | null
  }
  readonly access_tokens: {
    name: string
    hash: Sha256
    scopes: JsonText
    created_at: string
  }
}
