import { createHash, randomUUID } from 'node:crypto'
import { isSha256, type Sha256 } from '../../../domain/sha256.js'
import { checksumMismatch, lengthMismatch, objectExists } from '../../../errors/causes/objects.js'
import type { Bytes, PutOptions, PutResult } from '../../../ports/artifact-store.js'
import { piecesOf } from '../pieces.js'
import { Refusal } from '../refusal.js'
import type { S3Capabilities } from './capabilities.js'
import { statusOf } from './classify.js'
import type { S3Connection } from './connection.js'
import { accessFields, digestFields, PUT_ID, writeFields } from './fields.js'
import type { Flight } from './flights.js'
import { MultipartUpload } from './multipart.js'
import { PartBuffer } from './part-buffer.js'
import { PartSender } from './part-sender.js'
import type { Place } from './place.js'
import { planUpload, tooManyBytes, type UploadPlan } from './plan.js'
import { PutFailure } from './put-failure.js'
import { required } from './required.js'
import { RequestFailure } from './retry.js'
import { readBack } from './settle.js'

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
  readonly #plan: UploadPlan
  readonly #putId = randomUUID()
  readonly #failed = new AbortController()
  readonly #hash = createHash('sha256')
  #size = 0
  #multipart: MultipartUpload | undefined

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

  /** Reads all of the source, sends full parts, and gives back what is not sent. */
  async #read(content: Bytes, stop: AbortSignal, sender: PartSender): Promise<PartBuffer> {
    const { expected = {}, onProgress } = this.#options
    const { most } = this.#plan
    let buffer = new PartBuffer(this.#plan.firstBytes, expected.size)
    for await (const piece of piecesOf(content, stop)) {
      this.#size += piece.length
      if (expected.size !== undefined && this.#size > expected.size) break
      if (this.#size > most) throw tooManyBytes(this.#size, most)
      this.#hash.update(piece)
      for (let rest = piece; rest.length > 0; ) {
        if (buffer.isFull) buffer = await this.#sendOn(buffer, stop, sender)
        rest = buffer.add(rest)
      }
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
    const facts = { putId: this.#putId, signal: stop }
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
    const settled = await this.#concluded(complete, this.#can.conditionalComplete, sha256)
    if (settled !== undefined) return settled
    const found = await readBack(this.#connection, this.#place, this.#putId)
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
      const found = await readBack(this.#connection, this.#place, this.#putId)
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
    if (!error.maybeApplied) throw isTaken(error) ? new Refusal(objectExists) : error
    // After the source's end, nobody but this method undoes what an abort came too late for.
    const found = await readBack(this.#connection, this.#place, this.#putId)
    if (found.is === 'ours' && this.#options.signal?.aborted !== true)
      return this.#stored(sha256, found.storedAt)
    if (found.is === 'ours') throw await this.#takenBack(error)
    if (found.is === 'other') throw new Refusal(objectExists)
    if (found.is === 'nothing' && this.#multipart !== undefined) throw error
    throw new PutFailure(error, 'unknown', [{ kind: 'object', at: this.#place.address }])
  }

  async #takenBack(error: unknown): Promise<PutFailure> {
    const { bucket, key, address } = this.#place
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
    const ended = await this.#multipart.abort()
    if (ended === 'ended') return new PutFailure(error, 'not-applied', [])
    if (ended === 'gone') {
      const found = await readBack(this.#connection, this.#place, this.#putId)
      if (found.is === 'ours') return await this.#takenBack(error)
      if (found.is !== 'not-told') return new PutFailure(error, 'not-applied', [])
      return new PutFailure(error, 'unknown', [{ kind: 'object', at: this.#place.address }])
    }
    const at = `${this.#place.address}?uploadId=${this.#multipart.id}`
    return new PutFailure(error, 'not-applied', [{ kind: 'object', at }])
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
