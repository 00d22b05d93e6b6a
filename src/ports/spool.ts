import type { S3Address } from '../domain/s3-address.js'
import type { Sha256 } from '../domain/sha256.js'
import type { StoredObject } from './artifact-store.js'

export interface SpoolUsage {
  /** Objects that are kept. */
  readonly files: number
  /** What they and uploads in progress take. */
  readonly bytes: number
}

/**
 * A folder of this machine that keeps objects while the store is away. Every process of the machine that is given the same
 * folder has the same spool. What is in it is read at its own address, by whoever reads the store.
 */
export interface Spool {
  readonly folder: string
  readonly maxBytes: number
  /**
   * Names the spool to everybody, as long as its folder is there; undefined while nothing was ever put into it. A folder
   * that has lost its name gets a new one: what it keeps is found by address, under whatever name that was recorded.
   *
   * @throws S3Error when the folder cannot be read.
   */
  holder(): Promise<string | undefined>
  /** Whether the object is kept here. Without a promise, since every read of the store asks. */
  has(address: S3Address): boolean
  usage(): Promise<SpoolUsage>
  /** What it keeps, and nothing of the store. */
  listKept(): AsyncIterable<StoredObject>
  /** Whether the failure is that the store is away, so that what it was asked for is left for later. */
  isAway(error: unknown): boolean
  /**
   * Makes sure that the store has the object: sends it, or reads what lies there. It stays in the spool.
   *
   * @throws S3UploadError with the store's reason; `object-exists` when something else lies at the address.
   */
  carry(
    address: S3Address,
    expected: { readonly sha256: Sha256; readonly size: number },
    signal?: AbortSignal,
  ): Promise<void>
  /** Tells each time that the store answers again. @returns what ends it. */
  onBack(listener: () => void): () => void
  /** Removes the object from the spool alone. Doing it twice is not an error. */
  drop(address: S3Address): Promise<void>
}
