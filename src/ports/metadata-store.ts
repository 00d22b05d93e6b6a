import type { Alias } from '../domain/alias.js'
import type { Deployment } from '../domain/deployment.js'
import type { Environment } from '../domain/environment.js'
import type { FilePath } from '../domain/file-path.js'
import type { HistoryEntry } from '../domain/history.js'
import type { ParsedMetadata } from '../domain/metadata.js'
import type { ModelId } from '../domain/model-id.js'
import type { DeploymentStatus, ModelFile, ModelRecord, RecordText } from '../domain/model-record.js'
import type { Page } from '../domain/page.js'
import type { S3Address } from '../domain/s3-address.js'
import type { Sha256 } from '../domain/sha256.js'
import type { Version } from '../domain/version.js'
import type { VersionRef } from '../domain/version-ref.js'
import type { IdempotentAnswer, IdempotentRequest, IdempotentWork } from './idempotent-work.js'
import type { MetadataTransfer } from './metadata-transfer.js'

/** What a save is about, fixed when the version is reserved. */
export interface VersionDraft extends Omit<ParsedMetadata, 's3Path'> {
  readonly saveId: string
  readonly s3Path: S3Address
  /** `file`: `s3Path` is the address of the only file. `folder`: files lie below it. */
  readonly layout: 'file' | 'folder'
  /**
   * The paths of all files, where they matter before they come: when they come in several requests, and when the caller
   * gave the address. In the second case they are recorded by `announceFiles`, once it is known that nothing lies there.
   */
  readonly announced?: readonly FilePath[] | undefined
  /**
   * The save goes on with what one has written whose lease has ended, where that was of the same form: a folder below
   * `below`, or one file of that `name` below a folder of it.
   */
  readonly adopts?: { readonly below: S3Address; readonly name?: FilePath | undefined } | undefined
  /** Who saves. */
  readonly actor: string
}

/** What a version consists of. */
export interface VersionContent {
  readonly files: readonly ModelFile[]
  /** SHA-256 over the list of files. */
  readonly digest: Sha256
}

export type Reservation =
  /**
   * `replaced`: where the save had its files whose lease had ended and which lost the version; what it had announced at
   * the place of the draft counts as announced by the draft. `adopted`: that place is the one of this save, instead of the
   * draft's.
   */
  | {
      readonly is: 'reserved'
      readonly replaced?: Pick<VersionDraft, 's3Path' | 'layout' | 'announced'>
      readonly adopted?: S3Address
    }
  /** The version exists. */
  | { readonly is: 'taken'; readonly by: 'version'; readonly record: ModelRecord }
  /** Another save holds it until its lease ends. */
  | { readonly is: 'taken'; readonly by: 'save'; readonly expiresInMs: number }
  /** A deletion of the version is unfinished; its bytes may still be there. */
  | { readonly is: 'taken'; readonly by: 'deletion' }
  /** A model exists whose name differs only in case. */
  | { readonly is: 'name-clash'; readonly existing: ModelId }

export type Publication =
  | { readonly is: 'published'; readonly record: ModelRecord }
  /** The lease has ended, whoever has the version by then, or the reservation was released. */
  | { readonly is: 'lease-lost' }
  /** An object that is the caller's own belongs to a save or a deletion under way, and may be gone when that ends. */
  | { readonly is: 'object-underway'; readonly address: S3Address }

/** A save under way, as `findSave` gives it back. */
export interface Save {
  readonly saveId: string
  readonly modelId: ModelId
  readonly version: Version
  readonly s3Path: S3Address
  readonly layout: 'file' | 'folder'
  readonly state: 'saving' | 'ready'
  /** @see VersionDraft.announced */
  readonly announced?: readonly FilePath[]
  /** Files recorded so far, ordered by path. */
  readonly files: readonly ModelFile[]
}

/** A lock of one (model, environment). */
export interface DeploymentLock {
  readonly modelId: ModelId
  readonly environment: Environment
  /** Names this acquisition alone, so that nobody else's lock is released or used. */
  readonly lockId: string
}

export interface LockRequest extends DeploymentLock {
  /** Who holds it, for people to read. */
  readonly holder: string
  readonly purpose: string
  readonly leaseMs: number
}

/** Who holds a lock, for what, and how long its lease lasts. */
export interface HeldLock {
  readonly holder: string
  readonly purpose: string
  readonly expiresInMs: number
}

export type LockAnswer = { readonly is: 'acquired' } | ({ readonly is: 'held' } & HeldLock)

export interface ActivationRequest {
  /**
   * The lock that is held; or the one to take and give back in the same transaction, for a deployment that has nothing
   * to do in between.
   */
  readonly lock: DeploymentLock | LockRequest
  readonly version: Version
  /** Compare and set: the version that must be active, or null for none; absent when anything may be. */
  readonly expectedActive?: Version | null
  /** The deployment that this one undoes, and the earlier one that it brings back. */
  readonly rollback?: { readonly of: string; readonly restores: string }
  readonly actor: string
  /** How many others than `actor` must have approved the version for the environment; none by default. */
  readonly approvals?: number
}

export type Activation =
  | { readonly is: 'activated'; readonly deployment: Deployment }
  /** The version was active already; nothing was changed. */
  | { readonly is: 'unchanged'; readonly deployment: Deployment }
  | { readonly is: 'lease-lost' }
  /** Somebody else has the lock that was to be taken. */
  | ({ readonly is: 'held' } & HeldLock)
  | { readonly is: 'unexpected-active'; readonly active: Version | null }
  /** Too few others than `actor` have approved it at this moment: these. */
  | { readonly is: 'not-approved'; readonly approvedBy: readonly string[] }
  /**
   * The version was archived or deleted after the caller looked. For a rollback also `missing` when the version that
   * served was deleted, although another has its name.
   */
  | { readonly is: 'not-deployable'; readonly why: 'missing' | 'archived' }

type Removal =
  | { readonly is: 'done'; readonly record: ModelRecord }
  | { readonly is: 'missing' }
  | { readonly is: 'active'; readonly environments: readonly string[] }

/** What `archive` and `restore` give. `changed` is false when it was so already, and then nothing is written. */
type ArchiveAnswer =
  | { readonly is: 'done'; readonly record: ModelRecord; readonly changed: boolean }
  | { readonly is: 'missing' }
  | { readonly is: 'active'; readonly environments: readonly string[] }

export interface VersionFilter {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly deploymentStatus?: DeploymentStatus | undefined
  readonly modelType?: string | undefined
  readonly environment?: string | undefined
  /** `name` alone, or `name=value`. */
  readonly tag?: string | undefined
  readonly query?: string | undefined
  readonly orderBy: 'newest' | 'oldest' | 'model' | 'accuracy'
}

export interface PageRequest {
  readonly limit: number
  readonly cursor?: string | undefined
}

/** Something unfinished: a save whose process may be gone, or a deletion whose bytes may be left. */
export interface Unfinished {
  readonly is: 'saving' | 'deleting'
  readonly saveId: string
  readonly modelId: ModelId
  readonly version: Version
  readonly s3Path: S3Address
  readonly files: readonly ModelFile[]
  /** For a save: 0 or less once its lease has ended. */
  readonly expiresInMs: number
}

export interface PendingFile extends ModelFile {
  readonly heldBy: string
  readonly modelId: ModelId
  readonly version: Version
}

/** @see MetadataStore.texts */
interface RecordTexts {
  findVersion(modelId: ModelId, ref: VersionRef): Promise<RecordText | undefined>
  listVersions(modelId: ModelId, page: PageRequest): Promise<Page<RecordText>>
  listModels(filter: VersionFilter): Promise<Page<RecordText>>
}

/**
 * What the registry knows, in a database. Every method is one transaction: all of it happens, durably, or none of it.
 * Races are decided by the database's own unique keys and answered as values; only a database that fails throws.
 * Leases are measured by the database's clock, since servers differ in theirs. Each change writes its history entry in
 * the same transaction.
 *
 * Cursors are opaque; one that the store did not give, or gave for another query, is a ModelValidationError.
 *
 * @throws DatabaseError from every method; its outcome says whether the change was made.
 */
export interface MetadataStore extends MetadataTransfer {
  /**
   * Reserves (modelId, version) for `draft.saveId`. A reservation whose lease has ended is taken over; the save that
   * held it can no longer publish.
   */
  reserveVersion(draft: VersionDraft, leaseMs: number): Promise<Reservation>
  /** Reserves and publishes at once, for files that are in the store already. */
  recordVersion(
    draft: VersionDraft,
    content: VersionContent,
  ): Promise<Exclude<Reservation, { is: 'reserved' }> | Publication>
  /** @returns false when the reservation is gone or its lease has ended. */
  renewReservation(saveId: string, leaseMs: number): Promise<boolean>
  /**
   * Records that the save may write these paths at the address that its caller gave, which holds nothing of anybody else's.
   * @returns false when the reservation is gone or its lease has ended.
   */
  announceFiles(saveId: string, paths: readonly FilePath[]): Promise<boolean>
  /**
   * Records a file of a save that is under way, and renews its lease. Recording the same path again replaces it.
   * @returns false when the reservation is gone or its lease has ended.
   */
  addFile(saveId: string, file: ModelFile, leaseMs: number): Promise<boolean>
  /**
   * Makes the version visible. Files recorded by `addFile` that are not in `content` are forgotten. Publishing a save
   * that is published gives its record again, so that a lost answer can be asked for once more.
   */
  publishVersion(saveId: string, content: VersionContent, actor: string): Promise<Publication>
  findSave(saveId: string): Promise<Save | undefined>
  /**
   * Takes a save that is under way out of the hands of everybody who knows its id: from then on it is `newSaveId`, which
   * still holds the version, so that its bytes can be removed before it is released. That its lease has ended does not
   * matter, as long as no other save has taken the version over.
   *
   * @returns false when the save is published or gone; then nothing is changed.
   */
  withdrawSave(saveId: string, newSaveId: string, leaseMs: number): Promise<boolean>
  /** Ends a reservation. One that is gone or published is left alone. */
  releaseReservation(saveId: string): Promise<void>

  /** A version that is ready; archived ones too, but `latest` is the highest stable one that is not archived. */
  findVersion(modelId: ModelId, ref: VersionRef): Promise<ModelRecord | undefined>
  /** The versions of one model, highest SemVer precedence first; archived ones too. */
  listVersions(modelId: ModelId, page: PageRequest): Promise<Page<ModelRecord>>
  listModels(filter: VersionFilter): Promise<Page<ModelRecord>>
  /** The same three, for those who pass records on as JSON: reading and writing it takes longer than finding it. */
  readonly texts: RecordTexts
  /** Names of models near `modelId` in the order of names, at most `limit`: material for a did-you-mean. */
  neighbours(modelId: string, limit: number): Promise<ModelId[]>

  updateVersion(
    modelId: ModelId,
    version: Version,
    change: {
      readonly description?: string | null | undefined
      readonly tags?: Readonly<Record<string, string>> | undefined
    },
    actor: string,
  ): Promise<ModelRecord | undefined>
  /** Moves the alias there, from wherever it was. @returns undefined when there is no such version. */
  setAlias(modelId: ModelId, alias: Alias, version: Version, actor: string): Promise<ModelRecord | undefined>
  /** @returns the version that had it; undefined when there was none. */
  removeAlias(modelId: ModelId, alias: Alias, actor: string): Promise<Version | undefined>
  archiveVersion(modelId: ModelId, version: Version, actor: string): Promise<ArchiveAnswer>
  restoreVersion(modelId: ModelId, version: Version, actor: string): Promise<ArchiveAnswer>
  /** Hides the version for good, with its aliases; its rows stay until `finishDeletion`, so that its bytes can be found. */
  beginDeletion(modelId: ModelId, version: Version, actor: string): Promise<Removal>
  /** Removes the rows, and with the last version its model. Doing it twice is not an error. */
  finishDeletion(modelId: ModelId, version: Version): Promise<void>
  /** The unfinished deletion of that version, if there is one. */
  findDeletion(modelId: ModelId, version: Version): Promise<Unfinished | undefined>
  /** Whether the version that the save made is being deleted, without its files. */
  isBeingDeleted(saveId: string): Promise<boolean>

  /**
   * Records that `actor` approves the version for the environment, once. The approval belongs to the version and its
   * digest: one saved later under the same name starts without any.
   * @returns undefined when there is no such version.
   */
  approve(
    modelId: ModelId,
    version: Version,
    environment: Environment,
    actor: string,
  ): Promise<ModelRecord | undefined>
  /** Takes back what `approvedBy` has approved; nothing changes where that is nothing. */
  revokeApproval(
    modelId: ModelId,
    version: Version,
    environment: Environment,
    approvedBy: string,
    actor: string,
  ): Promise<ModelRecord | undefined>

  acquireLock(request: LockRequest): Promise<LockAnswer>
  /** Who holds the lock; undefined when nobody does, or the lease has ended. */
  findLock(modelId: ModelId, environment: Environment): Promise<HeldLock | undefined>
  /** @returns false when the lock is gone or its lease has ended. */
  renewLock(lock: DeploymentLock, leaseMs: number): Promise<boolean>
  /** Releasing a lock that is gone is not an error. */
  releaseLock(lock: DeploymentLock): Promise<void>
  /** Removes a lock whose lease has ended, and gives who had it; one that is held, or none, is left alone. */
  releaseExpiredLock(modelId: ModelId, environment: Environment): Promise<HeldLock | undefined>
  /** Supersedes what is active and makes `version` active, only while `lock` is held or can be taken. */
  activate(request: ActivationRequest): Promise<Activation>
  findActive(modelId: ModelId, environment: Environment): Promise<Deployment | undefined>
  findDeployment(id: string): Promise<Deployment | undefined>
  /** Whether the version was ever active there. */
  wasActive(modelId: ModelId, version: Version, environment: string): Promise<boolean>
  /** Newest first. */
  listDeployments(
    filter: PageRequest & { modelId?: ModelId | undefined; environment?: Environment | undefined },
  ): Promise<Page<Deployment>>
  /** Newest first. */
  listHistory(
    filter: PageRequest & { modelId?: ModelId | undefined; version?: Version | undefined },
  ): Promise<Page<HistoryEntry>>
  /** Writes an entry of the history for a reset of the circuit breaker. */
  recordBreakerReset(actor: string, details: Readonly<Record<string, unknown>>): Promise<void>

  /** Files of visible versions that some spool keeps until the store has them: by spool, in the order in which the saves began. */
  listPending(): Promise<readonly PendingFile[]>
  /**
   * Records that the store has what the spool `holder` has kept at `address`. Done twice, it changes nothing the second time.
   * @returns the visible versions that it was recorded for; one that is whole in the store is no longer pending.
   */
  settlePending(address: S3Address, holder: string, actor: string): Promise<readonly ModelRecord[]>
  /** Saves and deletions that are not finished, for a scan. */
  listUnfinished(): Promise<readonly Unfinished[]>
  /** Which of `addresses` are files of another version than `saveId` made, so that their bytes must stay. At most 500 at once. */
  heldElsewhere(saveId: string, addresses: readonly S3Address[]): Promise<ReadonlySet<S3Address>>
  /**
   * Which of `addresses` belong to a version or to an unfinished save or deletion. At most 500 at once.
   *
   * @param written - `by-the-registry`: leaves out those that callers only gave, which the registry never removes.
   */
  knownAddresses(
    addresses: readonly S3Address[],
    written?: 'by-anybody' | 'by-the-registry',
  ): Promise<ReadonlySet<S3Address>>

  /**
   * Remembers the answer to a request that carries an Idempotency-Key. `begin` is called first; whoever gets `new` does
   * the work and calls `finish`. An entry is forgotten after `keepMs`, one never finished after `leaseMs`.
   */
  beginIdempotent(request: IdempotentRequest): Promise<IdempotentAnswer>
  finishIdempotent(
    work: IdempotentWork,
    answer: { readonly status: number; readonly body: string },
  ): Promise<void>
  /** Keeps the key for work that takes longer. @returns false when another has begun it. */
  renewIdempotent(work: IdempotentWork, leaseMs: number): Promise<boolean>
  /** Forgets a key whose work failed, so that the request may be made again. */
  forgetIdempotent(work: IdempotentWork): Promise<void>

  /** Access tokens, known by their hash alone. */
  /** @returns false when another token has the name. */
  addToken(token: StoredToken): Promise<boolean>
  findToken(hash: Sha256): Promise<StoredToken | undefined>
  listTokens(): Promise<readonly StoredToken[]>
  /** @returns false when there is no token of that name. */
  removeToken(name: string): Promise<boolean>

  /** Asks the database for a row. */
  check(): Promise<void>
  /**
   * Gives back room on disk that the store can do without, such as that of its log. What is recorded stays the same.
   * @returns how many bytes were given back; 0 when there was nothing, or another process still needs it.
   */
  reclaimSpace(): Promise<number>
  close(): Promise<void>
}

export interface StoredToken {
  readonly name: string
  /** SHA-256 of the token. Tokens are 256 random bits, so a fast hash cannot be searched backwards. */
  readonly hash: Sha256
  readonly scopes: readonly ('read' | 'write' | 'deploy' | 'admin')[]
  readonly createdAt: string
}
