import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { S3Address } from '../../../domain/s3-address.js'
import { spoolFull } from '../../../errors/causes/spool.js'
import { isModelRegistryError } from '../../../errors/model-registry-error.js'
import { S3UploadError } from '../../../errors/s3-upload-failed/error.js'
import type {
  Bytes,
  PutOptions,
  PutResult,
  StoredObject,
  UnfinishedUpload,
} from '../../../ports/artifact-store.js'
import type { SpoolUsage } from '../../../ports/spool.js'
import { storeError, uploadError } from '../fs/failures.js'
import { placeOf } from '../fs/place.js'
import { FsArtifactStore } from '../fs.js'
import { makeHolder, readHolder } from './holder.js'
import { NoRoom, Room } from './room.js'
import { Tried } from './tried.js'

/**
 * What a spool has on its disk.
 *
 *     <folder>/spool.json              its name
 *     <folder>/objects/<bucket>/<key>  one file for each object, whole and synced before it has its name
 *     <folder>/objects/.incoming/      uploads in progress
 *     <folder>/tried/<sha256>          the store may have got the object whose address has this sha256
 *
 * Which version an object belongs to, and its sha256, is in the database, in the transaction that makes the version
 * visible. Nothing is written twice, so that no crash can make two accounts differ.
 */
export class SpoolFolder {
  readonly path: string
  readonly maxBytes: number
  readonly objects: FsArtifactStore
  readonly tried: Tried
  readonly #room: Room

  constructor({ folder, maxBytes }: { readonly folder: string; readonly maxBytes: number }) {
    this.path = resolve(folder)
    this.maxBytes = maxBytes
    this.objects = new FsArtifactStore({ root: this.#root })
    this.tried = new Tried(join(this.path, 'tried'))
    this.#room = new Room(maxBytes, async () => (await this.usage()).bytes)
  }

  /** Read anew each time: whoever removes the folder while this process runs makes it another spool. */
  async holder(): Promise<string | undefined> {
    if (!this.#stands()) return undefined
    try {
      return (await readHolder(this.path)) ?? (await makeHolder(this.path))
    } catch (error) {
      throw storeError('the naming of the spool', this.path, error)
    }
  }

  /** Without a promise, since every read of the store asks. */
  has(address: S3Address): boolean {
    return existsSync(placeOf(this.#root, address).path)
  }

  async stat(address: S3Address): Promise<StoredObject | undefined> {
    const heldBy = this.has(address) ? await this.holder() : undefined
    const found = heldBy === undefined ? undefined : await this.objects.stat(address)
    return found === undefined || heldBy === undefined ? undefined : { ...found, heldBy }
  }

  /**
   * @param away - what the store failed with, and whether it was given any of the bytes.
   * @throws S3UploadError, with reason `spool-full` beyond the limit.
   */
  async keep(
    address: S3Address,
    content: Bytes,
    options: PutOptions,
    away: { readonly error: unknown; readonly tried: boolean },
  ): Promise<PutResult> {
    try {
      const heldBy = (await this.holder()) ?? (await makeHolder(this.path))
      if (away.tried) await this.tried.add(address)
      return await this.#room.within(content, options.expected?.size, async (bytes) => ({
        ...(await this.objects.put(address, bytes, options)),
        heldBy,
      }))
    } catch (error) {
      if (isModelRegistryError(error)) throw error
      const place = placeOf(this.#root, address)
      if (!(error instanceof NoRoom)) throw uploadError(place, error, { localPath: this.path })
      throw new S3UploadError(
        { s3Path: address, localPath: this.path, expected: this.maxBytes, actual: error.left },
        { reason: spoolFull, cause: away.error },
      )
    }
  }

  async *list(prefix?: S3Address): AsyncGenerator<StoredObject> {
    const heldBy = await this.holder()
    if (heldBy === undefined) return
    for await (const object of this.objects.list(prefix)) yield { ...object, heldBy }
  }

  async *listUnfinished(prefix?: S3Address): AsyncGenerator<UnfinishedUpload> {
    if (this.#stands()) yield* this.objects.listUnfinished(prefix)
  }

  async usage(): Promise<SpoolUsage> {
    let files = 0
    let bytes = 0
    if (!this.#stands()) return { files, bytes }
    for await (const { size } of this.objects.list()) {
      files += 1
      bytes += size
    }
    for await (const { size } of this.objects.listUnfinished()) bytes += size
    return { files, bytes }
  }

  async drop(address: S3Address): Promise<void> {
    if (!this.#stands()) return
    await this.objects.delete(address)
    await this.tried.remove(address)
  }

  get #root(): string {
    return join(this.path, 'objects')
  }

  #stands(): boolean {
    return existsSync(this.#root)
  }
}
