import type { ModelFile, ModelRecord, RecordText } from '../domain/model-record.js'
import type { Page } from '../domain/page.js'
import type { ModelQuery, VersionQuery } from '../domain/query.js'
import type { ModelRegistryError } from '../errors/model-registry-error.js'
import type { Bytes } from '../ports/artifact-store.js'
import type { SignedRequest } from '../ports/direct-transfer.js'
import type { AccessTokens } from './access-tokens.js'
import type { ExportPlace } from './export-place.js'
import type { ExportOptions, ExportReport } from './export-registry.js'
import type { Idempotency } from './idempotency.js'
import type { ImportOptions, ImportReport } from './import-registry.js'
import type { GetOptions, Health, ReadFileOptions, Registry } from './registry.js'
import type { SaveSteps } from './save-steps.js'

/** The registry on its own stores, with what a server needs beside the interface that users see. */
export interface Engine {
  readonly registry: Registry
  readonly saves: SaveSteps
  readonly tokens: AccessTokens
  readonly idempotency: Idempotency
  /** Records as JSON, for whoever passes them on. */
  readonly texts: RecordTexts
  /**
   * One file of a version, checked against its sha256 as it is read, when all of it is.
   *
   * @throws ModelNotFoundError when there is no such version or it has no such file.
   * @throws S3DownloadError
   */
  openFile(modelId: string, version: string, path: string, options?: ReadFileOptions): Promise<OpenedFile>
  /**
   * The signed request by which a file is read from the store itself, and unchecked; undefined where nothing is signed.
   *
   * @param disposition - the `Content-Disposition` that the store is to answer with.
   */
  signFile(file: ModelFile, disposition: string): Promise<SignedRequest | undefined>
  /** Uploads that have begun and did not become objects: under way, or left by a save that broke off. @throws S3Error */
  uploads(): AsyncIterable<OpenUpload>
  /**
   * Ends one of `uploads`, so that the store frees its bytes.
   *
   * @returns `in-use` when a save that is under way has it, and then it is left alone; `gone` when it is not there.
   * @throws S3Error
   */
  endUpload(upload: OpenUpload): Promise<'ended' | 'gone' | 'in-use'>
  /**
   * Carries over what the spool of this machine keeps, one file after another, and tells each. Nothing without a spool.
   * Once the store is found away, the rest stays `pending`. Waits for another process that does the same.
   */
  sync(options?: SyncOptions): AsyncIterable<SyncItem>
  /** What the store is still to get from spools other than that of this registry, or from any where it has none. */
  heldByOthers(): Promise<HeldByOther[]>
  /** What the spool keeps; undefined without one. */
  pending(): Promise<Health['pending'] | undefined>
  /** Carries over at once, when the store answers again, and every half minute, until the registry is closed. */
  syncInBackground(): void
  /** @see exportRegistry */
  exportTo(to: ExportPlace, options?: ExportOptions): Promise<ExportReport>
  /** @see importRegistry */
  importFrom(from: ExportPlace, options?: ImportOptions): Promise<ImportReport>
  /** Whether the policy of the environment asks that others approve what is deployed there. */
  asksForApprovals(environment: string): boolean
  /** Ties an error that this engine did not throw, such as one of another process, to the repairs of its stores. */
  equip(error: ModelRegistryError): void
}

interface RecordTexts {
  /** @see Registry.getModel */
  getModel(modelId: string, version: string, options?: GetOptions): Promise<RecordText | null>
  /** @see Registry.listModels */
  listModels(query?: ModelQuery): Promise<Page<RecordText>>
  /** One page of what `getModelVersions` gives. */
  listVersions(modelId: string, query?: VersionQuery): Promise<Page<RecordText>>
}

export interface OpenUpload {
  /** Names it to the store. */
  readonly at: string
  /** Where its object would be, where the store knows that. */
  readonly address?: string
  /** That have arrived. */
  readonly bytes: number
  /** When some last did. */
  readonly touchedAt: string
  /** Whether a save that holds its lease has it. */
  readonly underway: boolean
  /** Of the save that it belongs to, where one is known: unfinished, so that the same save may go on with it. */
  readonly modelId?: string
  readonly version?: string
}

export interface SyncOptions {
  /** Tells what is pending and does nothing. */
  readonly dryRun?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** One file that a spool keeps. */
export interface SyncItem {
  readonly modelId: string
  readonly version: string
  readonly file: string
  readonly address: string
  readonly bytes: number
  readonly state: 'synced' | 'pending' | 'failed'
  /** Why it failed. */
  readonly error?: unknown
}

export interface HeldByOther {
  /** The name of the spool; it begins with that of its machine. */
  readonly holder: string
  readonly files: number
  readonly bytes: number
}

export interface OpenedFile {
  readonly record: ModelRecord
  readonly file: ModelFile
  /** Ends with an S3DownloadError when the bytes turn out not to be those that were saved. */
  readonly content: Bytes
}
