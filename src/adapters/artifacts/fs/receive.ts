import { createHash } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { givePiece } from '../../../domain/piece-pool.js'
import { isSha256, type Sha256 } from '../../../domain/sha256.js'
import { checksumMismatch, lengthMismatch } from '../../../errors/causes/objects.js'
import type { Bytes, PutOptions } from '../../../ports/artifact-store.js'
import { piecesOf } from '../pieces.js'
import { Refusal } from '../refusal.js'
import type { Durability } from './folders.js'

/** One write for so many bytes or pieces; writev(2) takes 1,024 pieces. Measured best between 256 KiB and 1 MiB. */
const BATCH_BYTES = 512 * 1024
const BATCH_PIECES = 512

/** Data goes to the disk while more arrives, so that the sync at the end has little left to wait for. */
const SYNC_EVERY_BYTES = 32 * 1024 * 1024

export interface Received {
  readonly size: number
  readonly sha256: Sha256
}

/**
 * Writes `content` to a new file at `path`, hashing as it goes, and syncs it. The file is removed again when anything
 * is wrong with the bytes.
 *
 * @throws Refusal for a mismatch, SourceFailure, the signal's reason, or what the system says.
 */
export async function receive(
  path: string,
  content: Bytes,
  options: PutOptions,
  durability: Durability,
): Promise<Received> {
  const handle = await open(path, 'wx')
  try {
    try {
      const received = await write(handle, content, options, durability)
      if (durability === 'full') await handle.sync()
      return received
    } finally {
      await handle.close()
    }
  } catch (error) {
    await rm(path, { force: true }).catch(() => {})
    throw error
  }
}

async function write(
  handle: FileHandle,
  content: Bytes,
  { expected = {}, signal, onProgress }: PutOptions,
  durability: Durability,
): Promise<Received> {
  const failed = new AbortController()
  const writer = new BatchWriter(handle, durability, (error) => failed.abort(error))
  const stop = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal])
  const hash = createHash('sha256')
  let size = 0
  try {
    for await (const piece of piecesOf(content, stop)) {
      size += piece.length
      if (expected.size !== undefined && size > expected.size) break
      hash.update(piece)
      await writer.add(piece)
      onProgress?.(size)
    }
  } finally {
    await writer.end()
  }
  failed.signal.throwIfAborted()
  if (expected.size !== undefined && size !== expected.size)
    throw new Refusal(lengthMismatch, { expected: expected.size, actual: size })
  const sha256 = hash.digest('hex')
  if (!isSha256(sha256)) throw new TypeError('createHash gave no sha256')
  if (expected.sha256 !== undefined && sha256 !== expected.sha256)
    throw new Refusal(checksumMismatch, { expected: expected.sha256, actual: sha256 })
  return { size, sha256 }
}

/** Gathers pieces and writes them while the next ones arrive: at most two batches are in memory. */
class BatchWriter {
  readonly #handle: FileHandle
  readonly #durability: Durability
  readonly #onError: (error: unknown) => void
  #pieces: Uint8Array[] = []
  #bytes = 0
  #unsynced = 0
  #writing: Promise<void> = Promise.resolve()
  #syncing: Promise<void> | undefined

  constructor(handle: FileHandle, durability: Durability, onError: (error: unknown) => void) {
    this.#handle = handle
    this.#durability = durability
    this.#onError = onError
  }

  async add(piece: Uint8Array): Promise<void> {
    if (piece.length === 0) return
    this.#pieces.push(piece)
    this.#bytes += piece.length
    if (this.#bytes >= BATCH_BYTES || this.#pieces.length >= BATCH_PIECES) await this.#flush()
  }

  /** Writes what is left and waits for what is under way; a failure is told to `onError`. */
  async end(): Promise<void> {
    await this.#flush()
    await this.#writing
    await this.#syncing
  }

  async #flush(): Promise<void> {
    await this.#writing
    const pieces = this.#pieces
    this.#unsynced += this.#bytes
    this.#pieces = []
    this.#bytes = 0
    this.#writing = writeAll(this.#handle, pieces).catch(this.#onError)
    if (this.#durability === 'none' || this.#unsynced < SYNC_EVERY_BYTES || this.#syncing !== undefined)
      return
    this.#unsynced = 0
    this.#syncing = this.#handle
      .datasync()
      .catch(this.#onError)
      .finally(() => {
        this.#syncing = undefined
      })
  }
}

/** writev(2) may write less than it was given, as when the disk fills up; asking again tells why. */
async function writeAll(handle: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  let left = pieces
  while (left.length > 0) {
    const { bytesWritten } = await handle.writev(left)
    left = without(left, bytesWritten)
  }
  for (const piece of pieces) givePiece(piece)
}

function without(pieces: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let skip = written
  for (const [index, piece] of pieces.entries()) {
    if (skip < piece.length) return [piece.subarray(skip), ...pieces.slice(index + 1)]
    skip -= piece.length
  }
  return []
}
