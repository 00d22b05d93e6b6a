import type { S3Address } from '../domain/s3-address.js'
import type { Sha256 } from '../domain/sha256.js'
import type { DirectTransfer } from './direct-transfer.js'
import type { StoreRepair } from './store-repair.js'

/**
 * Bytes as they come: read once, in order, never held whole. Each piece is its reader's to keep: it is not written to
 * again. Ending the loop early releases what is behind it; so who has opened bytes reads them, or fires the signal.
 */
export type Bytes = AsyncIterable<Uint8Array>

export interface StoredObject {
  readonly address: S3Address
  /** Bytes. */
  readonly size: number
  /** When it became visible. */
  readonly storedAt: Date
  /** The spool that has it until the store does; absent where the store has it. */
  readonly heldBy?: string
}

export interface PutResult extends StoredObject {
  readonly sha256: Sha256
}

export interface PutOptions {
  /** What the bytes must turn out to be; the object does not become visible when they differ. */
  readonly expected?: { readonly sha256?: Sha256; readonly size?: number }
  readonly signal?: AbortSignal
  /** Called with the number of bytes taken from `content` so far. */
  readonly onProgress?: (bytes: number) => void
  /**
   * For content that can be given again, with `expected.size`, where nobody else puts to this address meanwhile. A store
   * may hold on to what was sent when a put fails: the error then names it as a leftover of kind `upload`, which
   * `endUnfinished` removes. `continue` also looks for what an earlier put to this address has left, even when its process
   * died; what is there is compared with `content` and not sent again. A store that cannot do so does neither.
   */
  readonly unfinished?: 'keep' | 'continue'
  /** Gives the content once more, from its start; absent where it can be read only once. */
  readonly reopen?: () => Bytes
}

/** `start` is the first byte, `end` the one after the last; `end` may lie past the object. */
export interface ByteRange {
  readonly start: number
  readonly end?: number
}

/** Where to look. A spool in front of the store may keep something else at the address than what is recorded for it. */
export interface SideOptions {
  /** `store`: what the store has, and nothing that a spool keeps. */
  readonly from?: 'store' | undefined
}

export interface OpenOptions extends SideOptions {
  /**
   * How many bytes the object has, from a reader of all of them that takes them as fast as they come: a store may then
   * fetch several ranges at once.
   */
  readonly size?: number
  readonly range?: ByteRange
  readonly signal?: AbortSignal
}

/** An upload that has begun and did not become an object: it is under way, or its process died. */
export interface UnfinishedUpload {
  /** Where its bytes lie: a path of this machine, or the id of a multipart upload. `endUnfinished` takes it. */
  readonly at: string
  /** Where the object would be, if the store knows that. */
  readonly address?: S3Address
  /** Bytes that are there. */
  readonly size: number
  /** When bytes last arrived. An upload under way writes all the time its source gives something. */
  readonly touchedAt: Date
}

/** Immutable objects, each at an address that is written once. */
export interface ArtifactStore {
  /**
   * Stores `content` at `address`, hashing as it streams. All of it becomes visible, durably, or none of it.
   *
   * @throws S3UploadError; its reason is `object-exists` when something is stored there, `checksum-mismatch` or
   * `length-mismatch` when the bytes are not the expected ones, `source-failed` when `content` throws, `aborted`.
   */
  put(address: S3Address, content: Bytes, options?: PutOptions): Promise<PutResult>
  /**
   * Reads `range`, or everything.
   *
   * @throws S3DownloadError before the first byte, with reason `object-missing`, when the object is not there;
   * `invalid-range` when the range starts at or past the end of the object, or holds nothing (an empty object has the
   * range from 0).
   */
  open(address: S3Address, options?: OpenOptions): Promise<Bytes>
  /** @throws S3Error when the store cannot tell. */
  stat(address: S3Address, options?: SideOptions): Promise<StoredObject | undefined>
  /** Removes the object. Removing one that is not there is not an error. @throws S3DeleteError */
  delete(address: S3Address, options?: SideOptions): Promise<void>
  /** Every object at or below `prefix`, which ends at a slash of the key; everything without one. @throws S3Error */
  list(prefix?: S3Address): AsyncIterable<StoredObject>
  /**
   * What crashes left behind, and what is under way at this moment; with `prefix` only what would be at or below it, which
   * is nothing where the store does not know that. @throws S3Error
   */
  listUnfinished(prefix?: S3Address): AsyncIterable<UnfinishedUpload>
  /**
   * Ends an unfinished upload, so that its bytes are freed. Whether another process goes on with it is for the caller to
   * know, where the store cannot: the put that it belongs to fails.
   *
   * @param at - as `listUnfinished` gives it.
   * @returns `gone` when there is no such upload; `in-use` when it is seen to be under way, and then it is left alone.
   * @throws S3Error
   */
  endUnfinished(at: string): Promise<'ended' | 'gone' | 'in-use'>
  /** Whether the store can be read and written at this moment. @throws S3Error with the cause when it cannot. */
  check(): Promise<void>
  /** Absent where nothing can be set right from here. */
  readonly repair?: StoreRepair | undefined
  /** Absent where all bytes go through this process. */
  readonly direct?: DirectTransfer | undefined
  /** Calls after it are refused with the error of their operation and reason `store-closed`. Doing it twice is not an error. */
  close(): Promise<void>
}
