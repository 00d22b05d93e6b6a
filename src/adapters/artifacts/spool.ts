import { createHash } from 'node:crypto'
import type { S3Address } from '../../domain/s3-address.js'
import type { Sha256 } from '../../domain/sha256.js'
import { breakerOpen } from '../../errors/causes/breaker.js'
import { checksumMismatch, objectExists, objectMissing } from '../../errors/causes/objects.js'
import { isModelRegistryError } from '../../errors/model-registry-error.js'
import { createError } from '../../errors/revive.js'
import { S3UploadError } from '../../errors/s3-upload-failed/error.js'
import type {
  ArtifactStore,
  Bytes,
  OpenOptions,
  PutOptions,
  PutResult,
  SideOptions,
  StoredObject,
  UnfinishedUpload,
} from '../../ports/artifact-store.js'
import type { DirectTransfer } from '../../ports/direct-transfer.js'
import type { Spool, SpoolUsage } from '../../ports/spool.js'
import type { StoreRepair } from '../../ports/store-repair.js'
import { verdictOn } from '../circuit-breaker-outage.js'
import { Offered } from './spool/offered.js'
import { SpoolFolder } from './spool/spool-folder.js'

export interface SpoolOptions {
  /** Made when something is put there for the first time. */
  readonly folder: string
  /**
   * How much it may hold. A stream of unknown length may go past it by what comes between two counts, 8 MiB; so may several
   * processes that save at once, together, since each counts what is there and not what the others are about to write.
   */
  readonly maxBytes: number
  /** Tells each time that the store answers again. @returns what ends it. */
  readonly onBack?: (listener: () => void) => () => void
}

/**
 * A store that keeps in a folder of this machine what it cannot send while the real one is away. Reads look in the folder
 * first, so that what is kept there is read at its own address.
 *
 * A put goes to the folder when the store refuses it unread, as an open breaker does, or fails for an outage and the bytes
 * can be had once more. Of bytes that can be read only once, the first ones are kept until the store has taken them. Where
 * more was sent, they are gone: the error says so.
 */
export class SpooledArtifactStore implements ArtifactStore, Spool {
  readonly #store: ArtifactStore
  readonly #spool: SpoolFolder
  readonly #onBack: SpoolOptions['onBack']

  constructor(store: ArtifactStore, options: SpoolOptions) {
    this.#store = store
    this.#spool = new SpoolFolder(options)
    this.#onBack = options.onBack
  }

  get folder(): string {
    return this.#spool.path
  }

  get maxBytes(): number {
    return this.#spool.maxBytes
  }

  get repair(): StoreRepair | undefined {
    return this.#store.repair
  }

  /** While the store is away, bytes come to this process, and so into the folder. */
  get direct(): DirectTransfer | undefined {
    const { direct } = this.#store
    if (direct === undefined) return undefined
    return {
      wholeBytes: direct.wholeBytes,
      begin: async (address, file) => {
        try {
          return await direct.begin(address, file)
        } catch (error) {
          if (this.isAway(error)) return undefined
          throw error
        }
      },
      signParts: (...args) => direct.signParts(...args),
      complete: (...args) => direct.complete(...args),
      proofOf: (...args) => direct.proofOf(...args),
      abort: (...args) => direct.abort(...args),
      endUploads: (...args) => direct.endUploads(...args),
      signRead: (...args) => direct.signRead(...args),
    }
  }

  async put(address: S3Address, content: Bytes, options: PutOptions = {}): Promise<PutResult> {
    if (this.#spool.has(address)) throw new S3UploadError({ s3Path: address }, { reason: objectExists })
    const offered = new Offered(content, options.reopen === undefined ? 'once' : 'again')
    try {
      return await this.#store.put(address, offered, options)
    } catch (error) {
      if (!this.isAway(error) || options.signal?.aborted) throw error
      const again = (offered.begun ? options.reopen?.() : undefined) ?? (await offered.again())
      if (again === undefined) throw notKept(error, this.folder)
      const { unfinished: _, ...rest } = options
      return await this.#spool.keep(address, again, rest, { error, tried: offered.begun })
    } finally {
      // Not waited for: a source that gives nothing takes no note of it.
      void offered.leave().catch(() => {})
    }
  }

  async open(address: S3Address, options?: OpenOptions): Promise<Bytes> {
    if (options?.from === 'store' || !this.#spool.has(address)) return this.#store.open(address, options)
    try {
      return await this.#spool.objects.open(address, options)
    } catch (error) {
      // Carried over in between.
      if (isModelRegistryError(error) && error.reason === objectMissing)
        return this.#store.open(address, options)
      throw error
    }
  }

  async stat(address: S3Address, { from }: SideOptions = {}): Promise<StoredObject | undefined> {
    const kept = from === 'store' ? undefined : await this.#spool.stat(address)
    return kept ?? this.#store.stat(address)
  }

  async delete(address: S3Address, { from }: SideOptions = {}): Promise<void> {
    const onlyHere = from !== 'store' && this.#spool.has(address) && !this.#spool.tried.has(address)
    if (!onlyHere) await this.#store.delete(address)
    await this.#spool.drop(address)
  }

  /** What is in both is listed once, as pending. */
  async *list(prefix?: S3Address): AsyncGenerator<StoredObject> {
    const here = new Set<S3Address>()
    for await (const object of this.#spool.list(prefix)) {
      here.add(object.address)
      yield object
    }
    for await (const object of this.#store.list(prefix)) if (!here.has(object.address)) yield object
  }

  async *listUnfinished(prefix?: S3Address): AsyncGenerator<UnfinishedUpload> {
    yield* this.#spool.listUnfinished(prefix)
    yield* this.#store.listUnfinished(prefix)
  }

  async endUnfinished(at: string): Promise<'ended' | 'gone' | 'in-use'> {
    if (at.startsWith(this.#spool.path)) return this.#spool.objects.endUnfinished(at)
    return this.#store.endUnfinished(at)
  }

  check(): Promise<void> {
    return this.#store.check()
  }

  async close(): Promise<void> {
    await Promise.all([this.#store.close(), this.#spool.objects.close()])
  }

  holder(): Promise<string | undefined> {
    return this.#spool.holder()
  }

  has(address: S3Address): boolean {
    return this.#spool.has(address)
  }

  listKept(): AsyncIterable<StoredObject> {
    return this.#spool.list()
  }

  usage(): Promise<SpoolUsage> {
    return this.#spool.usage()
  }

  isAway(error: unknown): boolean {
    return (
      verdictOn(error) === 'outage' || (isModelRegistryError(error) && error.reason.id === breakerOpen.id)
    )
  }

  async carry(
    address: S3Address,
    expected: { readonly sha256: Sha256; readonly size: number },
    signal?: AbortSignal,
  ): Promise<void> {
    const stop = signal === undefined ? {} : { signal }
    if (!this.#spool.has(address)) return this.#compare(address, expected, stop)
    const { objects, tried } = this.#spool
    const content = {
      [Symbol.asyncIterator]: async function* () {
        await tried.add(address)
        yield* await objects.open(address, stop)
      },
    }
    try {
      await this.#store.put(address, content, { expected, unfinished: 'continue', ...stop })
    } catch (error) {
      if (!isModelRegistryError(error) || error.reason !== objectExists) throw error
      await this.#compare(address, expected, stop)
    }
  }

  onBack(listener: () => void): () => void {
    return this.#onBack?.(listener) ?? (() => {})
  }

  async drop(address: S3Address): Promise<void> {
    await this.#spool.drop(address)
  }

  /** Reads what the store has. @throws S3UploadError when it is something else, S3DownloadError when it is nothing. */
  async #compare(
    address: S3Address,
    expected: { readonly sha256: Sha256; readonly size: number },
    stop: { readonly signal?: AbortSignal },
  ): Promise<void> {
    const found = await this.#store.stat(address)
    if (found !== undefined && found.size !== expected.size)
      throw new S3UploadError({ s3Path: address }, { reason: objectExists })
    const hash = createHash('sha256')
    for await (const piece of await this.#store.open(address, stop)) hash.update(piece)
    const actual = hash.digest('hex')
    if (actual === expected.sha256) return
    const facts = { s3Path: address, expected: expected.sha256, actual }
    throw new S3UploadError(facts, {
      reason: objectExists,
      cause: new S3UploadError(facts, { reason: checksumMismatch }),
    })
  }
}

/** The same failure, which says that the spool does not have the bytes either. */
function notKept(error: unknown, spool: string): unknown {
  if (!isModelRegistryError(error)) return error
  const { code, context, reason, outcome, leftovers, cause = error } = error
  return createError(code, { ...context, notKeptIn: spool }, { reason, outcome, leftovers, cause })
}
