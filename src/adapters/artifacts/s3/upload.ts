import { createHash, randomUUID } from 'node:crypto'
import { givePiece } from '../../../domain/piece-pool.js'
import { isSha256, type Sha256 } from '../../../domain/sha256.js'
import { checksumMismatch, lengthMismatch, objectExists } from '../../../errors/causes/objects.js'
import type { Bytes, PutOptions, PutResult } from '../../../ports/artifact-store.js'
import { piecesOf } from '../pieces.js'
import { Refusal } from '../refusal.js'
import type { S3Capabilities } from './capabilities.js'
import { statusOf } from './classify.js'
import type { S3Connection } from './connection.js'
import { endUpload } from './end-upload.js'
import { accessFields, digestFields, PUT_ID, SHARED_PUT, writeFields } from './fields.js'
import type { Flight } from './flights.js'
import type { UploadAt } from './list-parts.js'
import { MultipartUpload } from './multipart.js'
import { PartBuffer } from './part-buffer.js'
import { PartSender } from './part-sender.js'
import type { Place } from './place.js'
import { planUpload, tooManyBytes, type UploadPlan } from './plan.js'
import { PutFailure } from './put-failure.js'
import { required } from './required.js'
import { findResumable } from './resume.js'
import { RequestFailure } from './retry.js'
import { type Found, readBack, sha256At } from './settle.js'
import { uploadName } from './upload-name.js'

export interface UploadFacts {
  readonly connection: S3Connection
  readonly place: Place
  readonly can: S3Capabilities
  readonly flight: Flight
}

/**
 * One upload: the bytes are hashed and gathered; few of them go in one request at the end, many in parts as they come.
 * Before the last request, nothing can be seen at the address.
 */
export class Upload {
  readonly #connection: S3Connection
  readonly #place: Place
  readonly #can: S3Capabilities
  readonly #flight: Flight
  readonly #options: PutOptions
  #plan: UploadPlan
  readonly #putId = randomUUID()
  readonly #failed = new AbortController()
  readonly #hash = createHash('sha256')
  #size = 0
  #multipart: MultipartUpload | undefined
  /** Uploads to this address that nothing can be made of. */
  #superseded: readonly UploadAt[] = []

  /** @throws Refusal when the object is known to be too large. */
  constructor({ connection, place, can, flight }: UploadFacts, options: PutOptions) {
    this.#connection = connection
    this.#place = place
    this.#can = can
    this.#flight = flight
    this.#options = options
    this.#plan = planUpload(options.expected?.size, connection.limits, connection.transfer, can)
  }

  /** @throws PutFailure */
  async run(content: Bytes): Promise<PutResult> {
    const { signal } = this.#options
    const stop = signal === undefined ? this.#failed.signal : AbortSignal.any([signal, this.#failed.signal])
    const sender = new PartSender(this.#connection.transfer, this.#failed, stop)
    try {
      await this.#goOn(stop)
      const last = await this.#read(content, stop, sender)
      const sha256 = this.#verified()
      if (this.#multipart === undefined && this.#size <= this.#plan.single)
        return await this.#putWhole(last, sha256)
      const multipart = await this.#inParts(stop)
      if (last.bytes.length > 0) await sender.send(multipart, last)
      await sender.drain()
      stop.throwIfAborted()
      return await this.#complete(multipart, sha256)
    } catch (error) {
      this.#failed.abort(error)
      await sender.settle()
      throw error instanceof PutFailure ? error : await this.#cleanedUp(error)
    } finally {
      sender.free()
    }
  }

  /** Takes up what an earlier put to this address has left, when the caller says that it may. */
  async #goOn(stop: AbortSignal): Promise<void> {
    const { expected, unfinished } = this.#options
    const size = expected?.size
    if (unfinished !== 'continue' || !this.#can.multipart) return
    if (size === undefined || size <= this.#plan.single) return
    await this.#refuseTaken(stop)
    const { best, others } = await findResumable(this.#connection, this.#place, size, stop)
    this.#superseded = others
    if (best === undefined) return
    const transfer = { ...this.#connection.transfer, partBytes: best.partBytes }
    const plan = planUpload(size, this.#connection.limits, transfer, this.#can)
    if (plan.partBytes(0) !== best.partBytes) {
      this.#superseded = [...others, best.at]
      return
    }
    this.#plan = plan
    this.#multipart = MultipartUpload.resume(this.#connection, this.#can, best)
    this.#flight.uploadId = this.#multipart.id
  }

  /** Reads all of the source, sends full parts, and gives back what is not sent. */
  async #read(content: Bytes, stop: AbortSignal, sender: PartSender): Promise<PartBuffer> {
    const { expected = {}, onProgress } = this.#options
    const { most, limit } = this.#plan
    let buffer = new PartBuffer(this.#plan.firstBytes, expected.size)
    for await (const piece of piecesOf(content, stop)) {
      this.#size += piece.length
      if (expected.size !== undefined && this.#size > expected.size) break
      if (this.#size > most) throw tooManyBytes(this.#size, most, limit)
      this.#hash.update(piece)
      for (let rest = piece; rest.length > 0; ) {
        if (buffer.isFull) buffer = await this.#sendOn(buffer, stop, sender)
        rest = buffer.add(rest)
      }
      // All of it is in the buffer by now.
      givePiece(piece)
      this.#flight.size = this.#size
      this.#flight.touchedAt = new Date()
      onProgress?.(this.#size)
    }
    return buffer
  }

  async #sendOn(full: PartBuffer, stop: AbortSignal, sender: PartSender): Promise<PartBuffer> {
    await sender.send(await this.#inParts(stop), full)
    return sender.emptyBuffer(this.#plan.partBytes(this.#size))
  }

  async #inParts(stop: AbortSignal): Promise<MultipartUpload> {
    if (this.#multipart !== undefined) return this.#multipart
    await this.#refuseTaken(stop)
    const facts = { putId: this.#mark(), signal: stop }
    this.#multipart = await MultipartUpload.create(this.#connection, this.#place, this.#can, facts)
    this.#flight.uploadId = this.#multipart.id
    return this.#multipart
  }

  #verified(): Sha256 {
    const { expected = {} } = this.#options
    if (expected.size !== undefined && this.#size !== expected.size)
      throw new Refusal(lengthMismatch, { expected: expected.size, actual: this.#size })
    const sha256 = this.#hash.digest('hex')
    if (!isSha256(sha256)) throw new TypeError('createHash gave no sha256')
    if (expected.sha256 !== undefined && sha256 !== expected.sha256)
      throw new Refusal(checksumMismatch, { expected: expected.sha256, actual: sha256 })
    return sha256
  }

  async #putWhole({ bytes }: PartBuffer, sha256: Sha256): Promise<PutResult> {
    const { signal } = this.#options
    signal?.throwIfAborted()
    if (!this.#can.conditionalPut) await this.#refuseTaken(signal)
    const put = (conditional: boolean) =>
      this.#connection.call(
        async (s3, told) =>
          required(
            await s3.putObject(
              {
                ...writeFields(this.#connection.options),
                ...digestFields(this.#can.checksum, bytes),
                ...(conditional ? { IfNoneMatch: '*' } : {}),
                Bucket: this.#place.bucket,
                Key: this.#place.key,
                Body: bytes,
                ContentLength: bytes.length,
                Metadata: { [PUT_ID]: this.#putId },
              },
              told,
            ),
            'ETag',
          ),
        { signal, bytes: bytes.length },
      )
    return (await this.#concluded(put, this.#can.conditionalPut, sha256)) ?? this.#stored(sha256, new Date())
  }

  async #complete(multipart: MultipartUpload, sha256: Sha256): Promise<PutResult> {
    const { signal } = this.#options
    if (!this.#can.conditionalComplete) await this.#refuseTaken(signal)
    const complete = (conditional: boolean) => multipart.complete(conditional, signal)
    const stored =
      (await this.#concluded(complete, this.#can.conditionalComplete, sha256)) ?? (await this.#seen(sha256))
    // Nobody goes on with them, since the address is taken.
    for (const at of this.#superseded) await endUpload(this.#connection, at)
    return stored
  }

  /** What became of an upload that was completed. @throws Refusal when the store joined other parts than it was told. */
  async #seen(sha256: Sha256): Promise<PutResult> {
    const found = await readBack(this.#connection, this.#place, this.#mark())
    if (found.is === 'ours' && found.size !== this.#size)
      throw new Refusal(lengthMismatch, { expected: this.#size, actual: found.size })
    return this.#stored(sha256, found.is === 'ours' ? found.storedAt : new Date())
  }

  /** Makes the last request. @returns what was stored, where it took a look at the address to know. */
  async #concluded(
    request: (conditional: boolean) => Promise<unknown>,
    conditional: boolean,
    sha256: Sha256,
  ): Promise<PutResult | undefined> {
    try {
      await request(conditional)
      return undefined
    } catch (error) {
      if (!conditional || !isTaken(error) || error.maybeApplied) return this.#settled(error, sha256)
      const found = await this.#lookBack(sha256)
      if (found.is === 'ours' && this.#isShared) return this.#stored(sha256, found.storedAt)
      if (found.is !== 'nothing') throw new Refusal(objectExists)
    }
    // SeaweedFS takes a folder for an object here, one that holds others or did a moment ago. The address is free.
    return this.#concluded(request, false, sha256)
  }

  #stored(sha256: Sha256, storedAt: Date): PutResult {
    return { address: this.#place.address, size: this.#size, sha256, storedAt }
  }

  /** The last request failed. Where it may have been carried out all the same, what lies at the address decides. */
  async #settled(error: unknown, sha256: Sha256): Promise<PutResult> {
    if (!(error instanceof RequestFailure)) throw error
    // The process that began it may have completed it, where it was taken for dead and was not.
    const status = statusOf(error.cause)
    const byOther = this.#isShared && (status === 412 || status === 404)
    if (!error.maybeApplied && !byOther) throw isTaken(error) ? new Refusal(objectExists) : error
    // After the source's end, nobody but this method undoes what an abort came too late for.
    const found = await this.#lookBack(sha256)
    if (found.is === 'ours' && this.#options.signal?.aborted !== true)
      return this.#stored(sha256, found.storedAt)
    if (found.is === 'ours') throw await this.#takenBack(error)
    if (found.is === 'other') throw new Refusal(objectExists)
    if (found.is === 'nothing' && this.#multipart !== undefined) throw error
    if (byOther && !error.maybeApplied) throw error
    throw new PutFailure(error, 'unknown', [{ kind: 'object', at: this.#place.address }])
  }

  async #takenBack(error: unknown): Promise<PutFailure> {
    const { bucket, key, address } = this.#place
    // It may be another's by now, who went on with the same upload.
    if (this.#isShared) return new PutFailure(error, 'applied', [{ kind: 'object', at: address }])
    const removed = await this.#connection
      .call((s3, told) =>
        s3.deleteObject({ ...accessFields(this.#connection.options), Bucket: bucket, Key: key }, told),
      )
      .then(
        () => true,
        () => false,
      )
    return removed
      ? new PutFailure(error, 'not-applied', [])
      : new PutFailure(error, 'applied', [{ kind: 'object', at: address }])
  }

  /** Ends the upload in parts, if one had begun, and tells what is left of it. */
  async #cleanedUp(error: unknown): Promise<PutFailure> {
    if (this.#multipart === undefined) return new PutFailure(error, 'not-applied', [])
    const { bucket, key } = this.#place
    const upload = { kind: 'upload', at: uploadName(bucket, key, this.#multipart.id) } as const
    if (this.#isShared) return new PutFailure(error, 'not-applied', [upload])
    const ended = await this.#multipart.abort()
    if (ended === 'ended') return new PutFailure(error, 'not-applied', [])
    if (ended === 'gone') {
      const found = await readBack(this.#connection, this.#place, this.#putId)
      if (found.is === 'ours') return await this.#takenBack(error)
      if (found.is !== 'not-told') return new PutFailure(error, 'not-applied', [])
      return new PutFailure(error, 'unknown', [{ kind: 'object', at: this.#place.address }])
    }
    return new PutFailure(error, 'not-applied', [upload])
  }

  /** Whether another put may go on with this upload: then it is not this one's alone to end or to take back. */
  get #isShared(): boolean {
    return this.#multipart !== undefined && this.#options.unfinished !== undefined
  }

  /** By what an object in parts is known to be of this put, or of one that it goes on with. */
  #mark(): string {
    return this.#options.unfinished === undefined ? this.#putId : SHARED_PUT
  }

  /** Whose object lies at the address. Of a shared upload it may have been made of other bytes, so that it is read. */
  async #lookBack(sha256: Sha256): Promise<Found> {
    if (!this.#isShared) return readBack(this.#connection, this.#place, this.#putId)
    const found = await readBack(this.#connection, this.#place, SHARED_PUT)
    if (found.is !== 'ours') return found
    const actual = found.size === this.#size ? await sha256At(this.#connection, this.#place) : 'another'
    if (actual === undefined) return { is: 'not-told' }
    return actual === sha256 ? found : { is: 'other' }
  }

  /** Spares sending gigabytes that cannot be kept; where the store does not compare by itself, it is all there is. */
  async #refuseTaken(signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#connection.call(
        (s3, told) =>
          s3.headObject(
            {
              ...accessFields(this.#connection.options),
              Bucket: this.#place.bucket,
              Key: this.#place.key,
            },
            told,
          ),
        { signal },
      )
    } catch (error) {
      // Nothing is there; or the put itself will tell more, as its answer has a body.
      const status = error instanceof RequestFailure ? statusOf(error.cause) : undefined
      if (status !== undefined && status >= 400 && status < 500) return
      throw error
    }
    throw new Refusal(objectExists)
  }
}

function isTaken(error: unknown): error is RequestFailure {
  return error instanceof RequestFailure && statusOf(error.cause) === 412
}
