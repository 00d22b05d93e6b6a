import type { BreakerStats } from '../domain/breaker.js'
import type { Deployment } from '../domain/deployment.js'
import type { HistoryEntry } from '../domain/history.js'
import type { Json } from '../domain/json.js'
import type { MetadataChange, ModelMetadata } from '../domain/metadata.js'
import type { ModelFile, ModelRecord } from '../domain/model-record.js'
import type { Page } from '../domain/page.js'
import type { DeploymentQuery, HistoryQuery, ModelQuery } from '../domain/query.js'
import type { ModelSource } from '../sources/model-source.js'
import type { RegistryEventSource } from './registry-events.js'

/** How far a transfer is. `totalBytes` is absent while a stream has not said how long it is. */
export interface TransferProgress {
  readonly bytes: number
  readonly totalBytes?: number
  /** The file that is on its way. */
  readonly file?: string
}

export interface TransferOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined
}

export interface ActorOptions {
  /** Who does it, for the history; the registry's own actor by default. */
  readonly actor?: string | undefined
}

export type SaveOptions = TransferOptions & ActorOptions

export interface GetOptions {
  /**
   * `exists` (default): every file is in the store with its size; a file of S3 that was seen there is taken to be there
   * for ten minutes. `content`: every file is read and hashed. `none`: the record alone.
   *
   * While the circuit of the store is open, files cannot be asked for: the default then gives the record as it is, and
   * `exists` or `content` by their names end with an S3UnavailableError.
   */
  readonly verify?: 'exists' | 'content' | 'none' | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined
}

export interface ReadFileOptions {
  readonly signal?: AbortSignal | undefined
  /** Bytes from `start` up to but not including `end`; a part cannot be checked against the sha256 of the whole. */
  readonly range?: { readonly start: number; readonly end?: number | undefined } | undefined
}

/** A version whose bytes can be read. Each file is checked against its sha256 as it is read. */
export interface LoadedModel {
  readonly record: ModelRecord
  readonly files: readonly ModelFile[]
  /** Parses a file as JSON. @param path - may be left out when the version has one file. */
  json(path?: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<Json>
  text(path?: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<string>
  bytes(path?: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<Uint8Array>
  /**
   * The bytes of a file as they come. When they do not match the recorded sha256 or size, the stream ends with an
   * S3DownloadError instead of its end.
   */
  stream(path?: string, options?: ReadFileOptions): ReadableStream<Uint8Array>
  /** Writes every file below `folder`, each complete and checked or not at all. @returns the paths written. */
  saveTo(folder: string, options?: TransferOptions): Promise<string[]>
}

/** Tries a version out before it becomes active. Throwing, or answering false, refuses the deployment. */
export type SmokeTest = (
  model: LoadedModel,
  options: { readonly signal: AbortSignal },
) => Promise<unknown> | unknown

export interface DeployOptions extends ActorOptions {
  readonly environment: string
  /** The version that must be active at that moment, or null for none; the deployment is refused otherwise. */
  readonly expectedActive?: string | null | undefined
  /** How long to wait for another deployment to end, in milliseconds; 0 by default. */
  readonly waitMs?: number | undefined
  readonly smokeTest?: SmokeTest | undefined
  /** How long the smoke test may take, in milliseconds, up to a day; ten minutes by default. Then its signal fires. */
  readonly smokeTestTimeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface RevokeOptions extends ActorOptions {
  /** Whose approval is taken back; the actor's own by default. */
  readonly approvedBy?: string | undefined
}

export interface RollbackOptions extends ActorOptions {
  readonly waitMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** What two versions of a model differ in. */
export interface VersionDiff {
  readonly modelId: string
  readonly from: string
  readonly to: string
  /** Fields of the metadata that differ, by path. */
  readonly metadata: readonly { readonly path: string; readonly from?: unknown; readonly to?: unknown }[]
  readonly files: readonly {
    readonly path: string
    readonly change: 'added' | 'removed' | 'changed'
    readonly from?: { readonly size: number; readonly sha256: string }
    readonly to?: { readonly size: number; readonly sha256: string }
  }[]
  readonly identicalContent: boolean
}

export interface ComponentHealth {
  readonly status: 'ok' | 'down'
  /** How long the answer took, in milliseconds. */
  readonly latencyMs: number
  /** The error in its wire form, when it is down. */
  readonly error?: unknown
}

export interface Health {
  /** `ok` too while a spool stands in for an artifact store that is away. */
  readonly status: 'ok' | 'down'
  readonly artifacts: ComponentHealth
  readonly metadata: ComponentHealth
  /** The circuits of the artifact store, where it has a breaker. */
  readonly breaker?: readonly BreakerStats[]
  /** What the spool of the machine keeps until the store can be reached, where there is a spool. */
  readonly pending?: {
    readonly files: number
    /** What files and uploads in progress take. */
    readonly bytes: number
    readonly maxBytes: number
    readonly folder: string
  }
}

/** Something that no version accounts for, or that a crash left unfinished. */
export interface ScanFinding {
  readonly is:
    | 'orphaned-object'
    | 'unfinished-upload'
    | 'unfinished-save'
    | 'unfinished-deletion'
    | 'missing-file'
  readonly address?: string
  /** For an unfinished upload: where its bytes lie, a path or the id of a multipart upload. */
  readonly at?: string
  readonly bytes?: number
  /** For an unfinished upload: when bytes last arrived, ISO 8601. */
  readonly touchedAt?: string
  readonly modelId?: string
  readonly version?: string
  /** For an unfinished save: whether its lease has ended, so that the version can be saved again. */
  readonly expired?: boolean
}

/**
 * The registry, whichever way it is reached: in this process (`createModelRegistry`) or over HTTP (`connectRegistry`).
 *
 * Every method throws one of the 13 errors of the catalog and nothing else. `version` may be a version, an alias or
 * `latest` wherever one is read; what changes a version takes it by its own name. Whatever needs a store whose circuit
 * is open ends with an S3UnavailableError, whose `retry.inMs` says when the store is tried again.
 */
export interface Registry {
  /**
   * Stores a model's files and records them as one version.
   *
   * The version is reserved first, its bytes follow, and it becomes visible last. A crash in between leaves a
   * reservation that expires and bytes that `scan` lists; it never leaves a visible version without its bytes.
   *
   * @throws ModelValidationError with every problem of the metadata. Nothing is written.
   * @throws InvalidS3PathError when `metadata.s3Path` is not an address. Nothing is written.
   * @throws DuplicateModelError when (modelId, version) exists or is being saved. Nothing is written.
   * @throws S3UploadError when the bytes do not reach the store. Nothing is recorded.
   * @throws DatabaseError when the database fails; its outcome says whether the version was recorded.
   */
  saveModel(model: ModelSource, metadata: ModelMetadata, options?: SaveOptions): Promise<ModelRecord>
  /**
   * The record of a version, or null when there is none.
   *
   * @throws S3DownloadError when a file is missing, or with `verify: 'content'` damaged.
   */
  getModel(modelId: string, version: string, options?: GetOptions): Promise<ModelRecord | null>
  /** @throws ModelNotFoundError */
  loadModel(
    modelId: string,
    version: string,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<LoadedModel>
  /** All versions of a model, highest first; empty when there is no such model. */
  getModelVersions(modelId: string): Promise<ModelRecord[]>
  /** One record for each version that matches, a page at a time. */
  listModels(query?: ModelQuery): Promise<Page<ModelRecord>>
  /** @throws ModelNotFoundError */
  diffVersions(modelId: string, from: string, to: string): Promise<VersionDiff>
  /** @throws ModelNotFoundError */
  updateMetadata(
    modelId: string,
    version: string,
    change: MetadataChange,
    options?: ActorOptions,
  ): Promise<ModelRecord>
  /** Moves the alias to that version, from wherever it was. @throws ModelNotFoundError */
  setAlias(modelId: string, alias: string, version: string, options?: ActorOptions): Promise<ModelRecord>
  /** @throws ModelNotFoundError when the model has no such alias. */
  removeAlias(modelId: string, alias: string, options?: ActorOptions): Promise<void>
  /** Takes the version out of use without removing it: it cannot be deployed and is never `latest`. @throws DeploymentError when it is active. */
  archiveModel(modelId: string, version: string, options?: ActorOptions): Promise<ModelRecord>
  /** Undoes `archiveModel`. @throws ModelNotFoundError */
  restoreModel(modelId: string, version: string, options?: ActorOptions): Promise<ModelRecord>
  /**
   * Removes the version and the files that the registry wrote for it. Bytes that cannot be removed are named in the error.
   *
   * @throws DeploymentError when it is active. Nothing is removed.
   * @throws ModelNotFoundError
   * @throws S3DeleteError with outcome `applied`: the version is gone, some of its bytes are not. The same call tries again.
   */
  deleteModel(modelId: string, version: string, options?: ActorOptions): Promise<void>
  /**
   * Says that the version may become active in an environment whose policy asks for approvals. It holds for this version
   * with these files, there, until it is taken back, and counts for deployments by anybody else. Doing it twice changes
   * nothing.
   *
   * Over HTTP it takes a token, whose name is who approves. In this process the actor is whoever the configuration or
   * the call says, and the approval is worth as much.
   *
   * @throws ModelNotFoundError
   * @throws DeploymentError when the configuration does not have the environment.
   */
  approveDeployment(
    modelId: string,
    version: string,
    environment: string,
    options?: ActorOptions,
  ): Promise<ModelRecord>
  /** Takes an approval back; what is active stays active. @throws ModelNotFoundError */
  revokeApproval(
    modelId: string,
    version: string,
    environment: string,
    options?: RevokeOptions,
  ): Promise<ModelRecord>
  /**
   * Makes the version the active one of its model in an environment.
   *
   * @throws DeploymentError when there is no such version, it is archived, the policy is not met, a file is missing or
   * the smoke test fails. What was active stays active.
   * @throws ConcurrentDeploymentError when another deployment holds the lock after `waitMs`, or another version than
   * `expectedActive` is active.
   */
  deployModel(modelId: string, version: string, options: DeployOptions): Promise<Deployment>
  /** The version that is active there, or null. */
  getActiveModel(modelId: string, environment: string): Promise<ModelRecord | null>
  /**
   * Makes active again what was active before the current deployment. Done twice, it goes back two deployments.
   *
   * @throws DeploymentError when there is nothing to go back to, or that version is archived or gone.
   */
  rollbackDeployment(modelId: string, environment: string, options?: RollbackOptions): Promise<Deployment>
  /** Newest first. */
  listDeployments(query?: DeploymentQuery): Promise<Page<Deployment>>
  /** Who did what, newest first. */
  listHistory(query?: HistoryQuery): Promise<Page<HistoryEntry>>
  /** What crashes left behind and what is missing. Reads everything once; meant for a person, not for every minute. */
  scan(): AsyncIterable<ScanFinding>
  /** Asks both stores. Never throws: what is wrong is in the answer. */
  health(): Promise<Health>
  /**
   * What the circuit breaker of the artifact store knows: state, rates, counts, the last failures, the next probe. Empty
   * for a store without one. It is that of the process that has the store, which over HTTP is the server.
   */
  breakerStats(): Promise<BreakerStats[]>
  /**
   * Closes the circuits of the artifact store and forgets what was counted; recorded in the history. Over HTTP, the
   * caller's token needs the scope `admin`.
   *
   * @returns the statistics after it.
   */
  resetBreaker(options?: ActorOptions): Promise<BreakerStats[]>
  /** What happens through this object, as it happens. */
  readonly events: RegistryEventSource
  /**
   * Lets what is under way end, then releases the stores. Calls after it are refused. A smoke test, or a wait for another
   * deployment, is ended after 10 s; that deployment is then not made.
   */
  close(): Promise<void>
}
