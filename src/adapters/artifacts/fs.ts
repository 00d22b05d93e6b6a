import { randomUUID } from 'node:crypto'
import { fstatSync, type Stats } from 'node:fs'
import { type FileHandle, open, rm, unlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { S3Address } from '../../domain/s3-address.js'
import { aborted, invalidRange, objectMissing } from '../../errors/causes/objects.js'
import { storeClosed } from '../../errors/causes/sqlite.js'
import type {
  ArtifactStore,
  ByteRange,
  Bytes,
  OpenOptions,
  PutOptions,
  PutResult,
  StoredObject,
  UnfinishedUpload,
} from '../../ports/artifact-store.js'
import { hasCode } from './fs/disk-problem.js'
import { endUpload } from './fs/end-upload.js'
import { deleteError, downloadError, storeError, uploadError } from './fs/failures.js'
import { FileBytes } from './fs/file-bytes.js'
import { type Durability, makeFolders, pruneFolders, syncFolders } from './fs/folders.js'
import { foldersStand, look, refuseLink } from './fs/look.js'
import { objectPath, type Place, placeOf } from './fs/place.js'
import { type Publishing, publish, refuseTaken } from './fs/publish.js'
import { receive } from './fs/receive.js'
import { incomingOf, prepareRoot, tryRoot } from './fs/root.js'
import { onePiece, READ_ONLY, readSmall } from './fs/small-file.js'
import { bucketsIn, objectsBelow, uploadsIn } from './fs/walk.js'
import { Refusal } from './refusal.js'

export interface FsArtifactStoreOptions {
  /** The folder that holds everything; made at the first use. Once it was there, its absence is an error. */
  readonly root: string
  /** `full` by default: what was acknowledged outlives a loss of power. */
  readonly durability?: Durability
  /** `link` by default. */
  readonly publishing?: Publishing
}

/**
 * Objects as files under one root.
 *
 *     <root>/<bucket>/<key>               one file for each object, written once
 *     <root>/.incoming/<uuid>             uploads in progress; safe to delete when no save is running. What was not
 *                                         touched for 24 hours is removed when the store is next used
 *     <root>/.incoming/<sha256>.reserved  only where there are no hard links: held during the rename to the address
 *                                         that has this sha256
 *
 * An upload is complete and synced before it gets its name, and the folders are synced before `put` returns. Symbolic
 * links below the root are not followed; the root itself may be one. All of it is one file system, since a name cannot
 * be given across two. The files may be read by other programs, and are to be written by this one alone.
 */
export class FsArtifactStore implements ArtifactStore {
  readonly #root: string
  readonly #durability: Durability
  readonly #publishing: Publishing
  #prepared: Promise<void> | undefined
  #looked: Promise<void> | undefined
  #closed = false

  constructor({ root, durability = 'full', publishing = 'link' }: FsArtifactStoreOptions) {
    this.#root = resolve(root)
    this.#durability = durability
    this.#publishing = publishing
  }

  async put(address: S3Address, content: Bytes, options: PutOptions = {}): Promise<PutResult> {
    const place = placeOf(this.#root, address)
    const incoming = join(incomingOf(this.#root), randomUUID())
    const { signal } = options
    let localPath = incoming
    try {
      this.#refuseWhenClosed()
      signal?.throwIfAborted()
      await this.#readyToWrite()
      // Spares reading gigabytes that cannot be kept; what decides is the naming at the end.
      if (foldersStand(place.folders)) await refuseTaken(place)
      const { size, sha256 } = await receive(incoming, content, options, this.#durability)
      localPath = place.path
      await this.#name(incoming, place, signal)
      return { address, size, sha256, storedAt: await this.#settle(place) }
    } catch (error) {
      throw uploadError(place, error, { localPath, signal })
    }
  }

  async open(address: S3Address, { range, signal }: OpenOptions = {}): Promise<Bytes> {
    const place = placeOf(this.#root, address)
    const failure = (error: unknown) => downloadError(place, error, { signal })
    try {
      this.#refuseWhenClosed()
      if (signal?.aborted) throw new Refusal(aborted)
      await this.#readyToRead()
      const small = openSmall(place, range)
      if (small !== undefined) return onePiece(small, signal, failure)
      const handle = await openFile(place)
      try {
        const found = fstatSync(handle.fd)
        if (!found.isFile()) throw new Refusal(objectMissing)
        return new FileBytes({ handle, ...within(found.size, range), signal, failure })
      } catch (error) {
        await handle.close()
        throw error
      }
    } catch (error) {
      throw failure(error)
    }
  }

  /** Tells size and time alone, so only the last name of the path is kept from being a link. */
  async stat(address: S3Address): Promise<StoredObject | undefined> {
    try {
      this.#refuseWhenClosed()
      await this.#readyToRead()
      const path = objectPath(this.#root, address)
      const found = look(path)
      refuseLink(found, path)
      if (found?.isFile()) return { address, size: found.size, storedAt: found.mtime }
      foldersStand([this.#root])
      return undefined
    } catch (error) {
      throw storeError('stat', placeOf(this.#root, address), error)
    }
  }

  async delete(address: S3Address): Promise<void> {
    const place = placeOf(this.#root, address)
    let removed = false
    try {
      this.#refuseWhenClosed()
      await this.#readyToRead()
      if (!isObject(place)) return
      await unlink(place.path)
      removed = true
      await syncFolders((await pruneFolders(place.folders)).slice(-1), this.#durability)
    } catch (error) {
      if (!removed && hasCode(error, 'ENOENT') && look(this.#root) !== undefined) return
      throw deleteError(place, error, { outcome: removed ? 'unknown' : 'not-applied' })
    }
  }

  async *list(prefix?: S3Address): AsyncGenerator<StoredObject> {
    try {
      this.#refuseWhenClosed()
      await this.#readyToRead()
      foldersStand([this.#root])
      if (prefix !== undefined) return yield* this.#listBelow(prefix)
      for await (const bucket of bucketsIn(this.#root)) yield* objectsBelow(bucket)
    } catch (error) {
      throw storeError('list', prefix === undefined ? this.#root : placeOf(this.#root, prefix), error)
    }
  }

  /** The address of an upload is not known before it is complete. */
  async *listUnfinished(prefix?: S3Address): AsyncGenerator<UnfinishedUpload> {
    const incoming = incomingOf(this.#root)
    try {
      this.#refuseWhenClosed()
      await this.#readyToRead()
      foldersStand([this.#root, incoming])
      if (prefix === undefined) yield* uploadsIn(incoming)
    } catch (error) {
      throw storeError('a listing of uploads', incoming, error)
    }
  }

  async endUnfinished(at: string): Promise<'ended' | 'gone' | 'in-use'> {
    try {
      this.#refuseWhenClosed()
      await this.#readyToRead()
      return await endUpload(incomingOf(this.#root), at)
    } catch (error) {
      throw storeError('the end of an upload', at, error)
    }
  }

  async check(): Promise<void> {
    try {
      this.#refuseWhenClosed()
      await this.#readyToWrite()
      await tryRoot(this.#root, `check-${randomUUID()}`)
    } catch (error) {
      throw storeError('a check', this.#root, error)
    }
  }

  /** Nothing is held between calls; what is under way goes on to its end. */
  async close(): Promise<void> {
    this.#closed = true
  }

  /** Gives a complete upload its name, or removes it with the folders that were made for it. */
  async #name(incoming: string, place: Place, signal: AbortSignal | undefined): Promise<void> {
    try {
      signal?.throwIfAborted()
      await publish(incoming, place, this.#publishing)
    } catch (error) {
      await pruneFolders(place.folders)
      throw error
    } finally {
      // When it stays, it is the second name of the object, and is cleared away with the stale ones.
      await rm(incoming, { force: true }).catch(() => {})
    }
  }

  /** Makes the name durable; where that fails, takes it back. */
  async #settle(place: Place): Promise<Date> {
    const { path, folders, address } = place
    try {
      await syncFolders(folders, this.#durability)
      // Last written a moment before it became visible. A removal may have come in between.
      return look(path)?.mtime ?? new Date()
    } catch (error) {
      const takenBack = await rm(path, { force: true }).then(
        () => true,
        () => false,
      )
      throw uploadError(
        place,
        error,
        takenBack ? {} : { outcome: 'unknown', leftovers: [{ kind: 'object', at: address }] },
      )
    }
  }

  async *#listBelow(prefix: S3Address): AsyncGenerator<StoredObject> {
    const { path, folders, bucket, key } = placeOf(this.#root, prefix)
    if (!standsWithoutFile(folders)) return
    const found = look(path)
    refuseLink(found, path)
    if (found?.isFile()) yield { address: prefix, size: found.size, storedAt: found.mtime }
    if (found?.isDirectory()) yield* objectsBelow({ path, bucket, prefix: `${key}/` })
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new Refusal(storeClosed)
  }

  async #readyToWrite(): Promise<void> {
    this.#prepared ??= prepareRoot(this.#root, this.#durability)
    try {
      await this.#prepared
    } catch (error) {
      this.#prepared = undefined
      throw error
    }
    // Someone may have emptied the folder by removing it.
    await makeFolders([this.#root, incomingOf(this.#root)])
  }

  /** A root that cannot be made, as on a disk mounted for reading, can be read all the same. */
  #readyToRead(): Promise<void> {
    this.#looked ??= this.#readyToWrite().catch(() => {})
    return this.#looked
  }
}

function openSmall(place: Place, range: ByteRange | undefined): Uint8Array | undefined {
  if (!standsWithoutFile(place.folders)) throw new Refusal(objectMissing)
  try {
    return readSmall(place.path, (size) => within(size, range))
  } catch (error) {
    throw missingOr(error)
  }
}

async function openFile(place: Place): Promise<FileHandle> {
  try {
    return await open(place.path, READ_ONLY)
  } catch (error) {
    throw missingOr(error)
  }
}

function missingOr(error: unknown): unknown {
  return hasCode(error, 'ENOENT', 'ENOTDIR') ? new Refusal(objectMissing) : error
}

function isObject({ folders, path }: Place): boolean {
  if (!standsWithoutFile(folders)) return false
  const found: Stats | undefined = look(path)
  refuseLink(found, path)
  return found?.isFile() ?? false
}

/** A file where a folder would be: nothing is stored below it, which is no failure of reading. */
function standsWithoutFile(folders: readonly string[]): boolean {
  try {
    return foldersStand(folders)
  } catch (error) {
    if (hasCode(error, 'ENOTDIR')) return false
    throw error
  }
}

/** The bytes from `start` up to `end`. @throws Refusal */
function within(size: number, range: ByteRange | undefined): { start: number; end: number } {
  if (range === undefined) return { start: 0, end: size }
  const { start, end = size } = range
  if (size === 0 && start === 0 && end >= 0) return { start: 0, end: 0 }
  const whole = Number.isSafeInteger(start) && Number.isSafeInteger(end)
  if (!whole || start < 0 || start >= size || end <= start)
    throw new Refusal(invalidRange, { expected: size, actual: `${start}-${range.end ?? ''}` })
  return { start, end: Math.min(end, size) }
}
