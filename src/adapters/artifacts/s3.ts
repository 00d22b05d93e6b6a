import { randomUUID } from 'node:crypto'
import type { S3Address } from '../../domain/s3-address.js'
import { aborted } from '../../errors/causes/objects.js'
import { bucketMissing } from '../../errors/causes/s3-objects.js'
import type {
  ArtifactStore,
  Bytes,
  OpenOptions,
  PutOptions,
  PutResult,
  StoredObject,
  UnfinishedUpload,
} from '../../ports/artifact-store.js'
import { Refusal } from './refusal.js'
import { parseS3StoreAddress } from './s3/address.js'
import type { S3Capabilities } from './s3/capabilities.js'
import { field, statusOf } from './s3/classify.js'
import { S3Connection } from './s3/connection.js'
import { S3DirectTransfer } from './s3/direct.js'
import { openObject } from './s3/download.js'
import { endUpload, isOpen } from './s3/end-upload.js'
import { bucketIsMissing, withLock, withMarker, withWords } from './s3/evidence.js'
import { deleteError, downloadError, storeError, uploadError } from './s3/failures.js'
import { accessFields } from './s3/fields.js'
import { Flights } from './s3/flights.js'
import { listObjects, wholeSecond } from './s3/list.js'
import { listUploads } from './s3/list-uploads.js'
import type { S3StoreOptions } from './s3/options.js'
import { type Place, placeOf } from './s3/place.js'
import { capabilitiesOf, probeCapabilities } from './s3/probe.js'
import { readAhead, WORTH_RANGES } from './s3/read-ahead.js'
import { S3Repair } from './s3/repair.js'
import { required } from './s3/required.js'
import { RequestFailure } from './s3/retry.js'
import { S3Bytes } from './s3/s3-bytes.js'
import { Upload } from './s3/upload.js'
import { parseUploadName } from './s3/upload-name.js'

/**
 * Objects in a bucket of S3, or of anything that speaks its protocol.
 *
 *     s3://<bucket>/<key>                            one object for each address, written once
 *     s3://<bucket>/<prefix>/.modelry/probe/<uuid>   for a moment, while the store is tried out
 *     uploads in parts that are open                 puts in progress, and what crashes left of them
 *
 * An address may name any bucket; `bucket` and `prefix` of the options are where the store is tried out, and what is
 * listed where nothing else is said. Each object carries `x-amz-meta-modelry-put`, by which a put finds out whether it
 * won when the answer was lost.
 *
 * The SDK is loaded by the first call. One policy rules all retries, and the SDK makes none of its own.
 */
export class S3ArtifactStore implements ArtifactStore {
  readonly #connection: S3Connection
  readonly #flights = new Flights()
  readonly #seenBuckets = new Set<string>()
  #capabilities: Promise<S3Capabilities> | undefined
  readonly direct: S3DirectTransfer
  readonly repair: S3Repair

  /** @throws InvalidS3PathError for an address that cannot be read. */
  constructor(options: S3StoreOptions | string) {
    this.#connection = new S3Connection(typeof options === 'string' ? parseS3StoreAddress(options) : options)
    this.direct = new S3DirectTransfer(this.#connection, () => this.capabilities())
    this.repair = new S3Repair(this.#connection)
  }

  async put(address: S3Address, content: Bytes, options: PutOptions = {}): Promise<PutResult> {
    const place = placeOf(address)
    const flight = this.#flights.begin(`${address}?put=${randomUUID()}`, address)
    let release = () => {}
    try {
      release = this.#connection.use()
      options.signal?.throwIfAborted()
      const can = await this.capabilities()
      return await new Upload({ connection: this.#connection, place, can, flight }, options).run(content)
    } catch (error) {
      throw uploadError(this.#store, place, error, options.signal)
    } finally {
      this.#flights.end(flight)
      release()
    }
  }

  async open(address: S3Address, options: OpenOptions = {}): Promise<Bytes> {
    const { range, signal, size = 0 } = options
    if (range !== undefined || size < WORTH_RANGES) return this.#openOne(address, options)
    // Whether it can be read at all is told before the first byte, and by whoever reads it.
    const found = await this.stat(address).catch(() => undefined)
    if (found?.size !== size) return this.#openOne(address, options)
    return readAhead(size, (part, ended) => {
      const stop = AbortSignal.any([signal, ended].filter((one) => one !== undefined))
      return this.#openOne(address, { range: part, signal: stop })
    })
  }

  async #openOne(address: S3Address, { range, signal }: OpenOptions): Promise<Bytes> {
    const place = placeOf(address)
    const failure = (error: unknown) => downloadError(this.#store, place, error, signal)
    let release = () => {}
    try {
      release = this.#connection.use()
      if (signal?.aborted) throw new Refusal(aborted)
      const opened = await openObject(this.#connection, place, range, signal)
      const breaks = this.#connection.policy.attempts
      return new S3Bytes({ ...opened, breaks, signal, failure, onClose: release })
    } catch (error) {
      const told = await withMarker(this.#connection, place, await withWords(this.#connection, place, error))
      release()
      throw failure(told)
    }
  }

  async stat(address: S3Address): Promise<StoredObject | undefined> {
    const place = placeOf(address)
    return this.#used({ name: 'stat', action: 's3:GetObject' }, address, () => this.#look(place))
  }

  async delete(address: S3Address): Promise<void> {
    const place = placeOf(address)
    let release = () => {}
    try {
      release = this.#connection.use()
      await this.#remove(place)
    } catch (error) {
      throw deleteError(this.#store, place, await withLock(this.#connection, place, error))
    } finally {
      release()
    }
  }

  async *list(prefix?: S3Address): AsyncGenerator<StoredObject> {
    const { bucket, prefix: below } = this.#connection.options
    let release = () => {}
    try {
      release = this.#connection.use()
      if (prefix === undefined)
        return yield* listObjects(this.#connection, bucket, below === undefined ? '' : `${below}/`)
      const place = placeOf(prefix)
      const object = await this.#look(place)
      if (object !== undefined) yield object
      yield* listObjects(this.#connection, place.bucket, `${place.key}/`)
    } catch (error) {
      throw storeError(this.#store, { name: 'list', action: 's3:ListBucket' }, error, prefix)
    } finally {
      release()
    }
  }

  async *listUnfinished(prefix?: S3Address): AsyncGenerator<UnfinishedUpload> {
    let release = () => {}
    try {
      release = this.#connection.use()
      yield* this.#flights.unknownToStore(prefix)
      yield* listUploads(this.#connection, prefix === undefined ? undefined : placeOf(prefix))
    } catch (error) {
      const operation = { name: 'a listing of uploads', action: 's3:ListBucketMultipartUploads' }
      throw storeError(this.#store, operation, error)
    } finally {
      release()
    }
  }

  async endUnfinished(at: string): Promise<'ended' | 'gone' | 'in-use'> {
    const upload = parseUploadName(at)
    return this.#used({ name: 'an abort', action: 's3:AbortMultipartUpload' }, undefined, async () => {
      if (this.#flights.has(at, upload?.UploadId)) return 'in-use'
      if (upload === undefined || !(await isOpen(this.#connection, upload))) return 'gone'
      let refusal: unknown
      const answer = await endUpload(this.#connection, upload, (error) => {
        refusal = error
      })
      if (answer !== 'left') return answer
      if (refusal !== undefined) throw refusal
      return 'in-use'
    })
  }

  /** Writes, reads and removes an object, and finds out anew what the store can do. */
  async check(): Promise<void> {
    await this.#used({ name: 'a check', action: 's3:PutObject' }, undefined, async () => {
      const found = await probeCapabilities(this.#connection)
      if (this.#connection.options.capabilities !== undefined) return
      if (!(await this.#connection.isAws())) this.#capabilities = Promise.resolve(found)
    })
  }

  async close(): Promise<void> {
    this.#connection.close()
  }

  /** What the store can do: known of AWS, as configured, or found out once. */
  async capabilities(): Promise<S3Capabilities> {
    this.#capabilities ??= capabilitiesOf(this.#connection)
    try {
      return await this.#capabilities
    } catch (error) {
      this.#capabilities = undefined
      throw error
    }
  }

  get #store(): S3StoreOptions {
    return this.#connection.options
  }

  async #used<T>(
    operation: { readonly name: string; readonly action: string },
    address: S3Address | undefined,
    run: () => Promise<T>,
  ): Promise<T> {
    let release = () => {}
    try {
      release = this.#connection.use()
      return await run()
    } catch (error) {
      throw storeError(this.#store, operation, error, address)
    } finally {
      release()
    }
  }

  async #look(place: Place): Promise<StoredObject | undefined> {
    try {
      const head = await this.#connection.call(async (s3, told) => {
        const input = { ...accessFields(this.#store), Bucket: place.bucket, Key: place.key }
        return required(required(await s3.headObject(input, told), 'ETag'), 'LastModified')
      })
      this.#seenBuckets.add(place.bucket)
      return {
        address: place.address,
        size: head.ContentLength ?? 0,
        storedAt: wholeSecond(head.LastModified),
      }
    } catch (error) {
      if (!(error instanceof RequestFailure) || statusOf(error.cause) !== 404)
        throw await withWords(this.#connection, place, error)
      // Without a body, a missing object and a missing bucket look alike.
      if (this.#seenBuckets.has(place.bucket)) return undefined
      if (await bucketIsMissing(this.#connection, place.bucket)) throw new Refusal(bucketMissing)
      this.#seenBuckets.add(place.bucket)
      return undefined
    }
  }

  async #remove(place: Place): Promise<void> {
    const at = { ...accessFields(this.#store), Bucket: place.bucket, Key: place.key }
    const version = this.#store.versions === 'remove' ? await this.#versionOf(place) : {}
    // Deleting what is not there would leave a delete marker.
    if (version === undefined) return
    try {
      const { $metadata } = await this.#connection.call((s3, told) =>
        s3.deleteObject({ ...at, ...version }, told),
      )
      // S3 says "no content"; another success may come from a proxy, which a look at the object shows.
      if ($metadata.httpStatusCode !== 204) await this.#look(place)
    } catch (error) {
      const code = error instanceof RequestFailure ? field(error.cause, 'Code') : undefined
      if (code !== 'NoSuchKey' && code !== 'NoSuchVersion') throw error
    }
  }

  /** The version that is seen, where the bucket keeps versions; undefined when there is no object. */
  async #versionOf(place: Place): Promise<{ readonly VersionId?: string } | undefined> {
    if ((await this.#look(place)) === undefined) return undefined
    const at = { ...accessFields(this.#store), Bucket: place.bucket, Key: place.key }
    const { VersionId } = await this.#connection.call((s3, told) => s3.headObject(at, told))
    return VersionId === undefined ? {} : { VersionId }
  }
}
