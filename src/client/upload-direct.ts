import type { z } from 'zod'
import type { ModelFile } from '../domain/model-record.js'
import { aborted, lengthMismatch, sourceFailed } from '../errors/causes/objects.js'
import { isModelRegistryError } from '../errors/model-registry-error.js'
import { S3UploadError } from '../errors/s3-upload-failed/error.js'
import { begunUploadSchema, leaseSchema, signedRequestsSchema } from '../wire/answers.js'
import * as answers from './answers.js'
import type { Ask, Connection } from './connection.js'
import { crc32 } from './crc32.js'
import { type DirectLine, type SignedRequest, StoreFailure } from './direct-line.js'
import { PartReader } from './part-reader.js'
import { savePath } from './paths.js'
import { pause } from './pause.js'
import { createSha256, type RunningSha256 } from './sha256.js'
import { storeUploadError } from './store-failure.js'
import { type BytesPart, bodyOf, type Upload, type UploadFileOptions } from './upload-file.js'

/** A smaller file takes longer to be announced and looked at than to be sent to the server. */
const SMALLEST_BYTES = 1024 ** 2

/** What is held in memory to be hashed and sent; larger files are read twice for that. */
const IN_MEMORY_BYTES = 8 * 1024 ** 2

export type DirectResult =
  | { readonly is: 'stored'; readonly file: ModelFile }
  /** Give `part` to the server; `why` there is no direct way, where one was tried. */
  | { readonly is: 'through-server'; readonly part: BytesPart; readonly why?: string }

/** Nothing was sent, and the server may be asked to take the file. */
class NoDirectWay extends Error {
  override readonly name = 'NoDirectWay'
}

/**
 * Sends a file of a save directly to the store, where server and store offer it and this client can reach the store.
 * Each part is sent again by itself when it fails. The server compares the bytes before the file counts.
 *
 * @throws S3UploadError
 */
export async function uploadDirect(
  connection: Connection,
  upload: Upload,
  part: BytesPart,
  options: UploadFileOptions,
): Promise<DirectResult> {
  const { direct: line } = connection
  const { direct: offered } = upload
  const { size } = part
  if (line === undefined || offered === undefined || size === undefined || size < SMALLEST_BYTES)
    return { is: 'through-server', part }
  if (line.unreachable !== undefined) return { is: 'through-server', part, why: line.unreachable }
  const sending = new DirectSending({ connection, line, upload, part, size, options })
  try {
    return { is: 'stored', file: await sending.run(offered.wholeBytes) }
  } catch (error) {
    if (error instanceof NoDirectWay)
      return { is: 'through-server', part: sending.startedOver(), ...because(error) }
    await sending.close()
    throw sending.failure(error)
  }
}

function because({ message }: NoDirectWay): { why?: string } {
  return message === '' ? {} : { why: message }
}

interface Facts {
  readonly connection: Connection
  readonly line: DirectLine
  readonly upload: Upload
  readonly part: BytesPart
  readonly size: number
  readonly options: UploadFileOptions
}

interface Sent {
  readonly number: number
  readonly etag: string
  readonly crc32?: string
}

type BegunParts = {
  readonly is: 'parts'
  readonly uploadId: string
  readonly partBytes: number
  readonly checksum: 'crc32' | 'none'
}

class DirectSending {
  readonly #facts: Facts
  readonly #failed = new AbortController()
  readonly #stop: AbortSignal
  #reader: PartReader | undefined
  #inMemory: Uint8Array<ArrayBuffer> | undefined
  #arrived = 0

  constructor(facts: Facts) {
    this.#facts = facts
    this.#stop = AbortSignal.any([facts.options.signal, this.#failed.signal])
  }

  async run(wholeBytes: number): Promise<ModelFile> {
    const { part, size, upload } = this.#facts
    const beat = setInterval(() => this.#renew(), upload.leaseMs / 3)
    try {
      const once = size <= IN_MEMORY_BYTES || (part.reads === 'again' && size <= wholeBytes)
      const sha256 = once ? await this.#hashed() : undefined
      const begun = await this.#begin(sha256)
      if (begun.is === 'through-server') throw new NoDirectWay('')
      if (begun.is === 'whole') {
        try {
          await this.#sendWhole(begun.request, sha256)
        } catch (error) {
          if (!(error instanceof NoDirectWay)) throw error
          // The connection may have broken with all of it there, and the server cannot put to an address that is taken.
          return await this.#complete({ sha256 }).catch(() => {
            throw error
          })
        }
        return await this.#complete({ sha256 })
      }
      const sent = await this.#sendParts(begun)
      return await this.#complete({
        sha256: sent.sha256,
        parts: { uploadId: begun.uploadId, sent: sent.parts },
      })
    } finally {
      clearInterval(beat)
    }
  }

  /** The part as the server is to get it: from its beginning, also where its source is read once. */
  startedOver(): BytesPart {
    const { part } = this.#facts
    const [bytes, reader] = [this.#inMemory, this.#reader]
    if (bytes !== undefined) return { ...part, reads: 'again', open: () => oneByOne(bytes) }
    if (reader === undefined) return part
    if (part.reads === 'once') return { ...part, open: () => reader.again() }
    void reader.close().catch(() => {})
    return part
  }

  async close(): Promise<void> {
    await this.#reader?.close().catch(() => {})
  }

  failure(error: unknown): unknown {
    const { signal } = this.#facts.options
    if (signal.aborted) return new S3UploadError(this.#subject, { reason: aborted, cause: signal.reason })
    return error instanceof StoreFailure ? storeUploadError(this.#subject, error) : error
  }

  /** Reads all of it: into memory where it is small. */
  async #hashed(): Promise<string> {
    const { part, size, options } = this.#facts
    const hash = await createSha256()
    const reader = new PartReader(this.#source(part.open(options.signal)))
    this.#reader = reader
    if (size <= IN_MEMORY_BYTES) {
      const bytes = await reader.next(size)
      hash.update(bytes)
      await this.#requireEnd(reader)
      this.#inMemory = bytes
    } else {
      for (let read = 0; read < size; ) {
        const bytes = await reader.next(Math.min(1024 ** 2, size - read))
        if (bytes.length === 0) break
        hash.update(bytes)
        read += bytes.length
      }
      await this.#requireEnd(reader)
    }
    this.#reader = undefined
    return hash.hex()
  }

  /** @throws S3UploadError with reason `length-mismatch` where the source gives more or less than it said. */
  async #requireEnd(reader: PartReader): Promise<void> {
    await reader.next(1)
    const { size } = this.#facts
    if (reader.read !== size)
      throw new S3UploadError(
        { ...this.#subject, expected: size, actual: reader.read },
        { reason: lengthMismatch },
      )
  }

  async #begin(sha256: string | undefined) {
    const { upload, size } = this.#facts
    try {
      return await this.#ask(
        `${savePath(upload.saveId)}/uploads`,
        { size, ...(sha256 === undefined ? {} : { sha256 }) },
        begunUploadSchema,
      )
    } catch (error) {
      // Whatever stands in the way of this, the server may yet take the file, or says itself why it does not.
      if (isModelRegistryError(error) && error.reason !== aborted) throw new NoDirectWay(error.message)
      throw error
    }
  }

  async #sendWhole(first: SignedRequest, sha256: string | undefined): Promise<void> {
    const { line, part, size, options } = this.#facts
    const release = await line.slots.take()
    let request = first
    try {
      await this.#repeated(async (attempt) => {
        if (attempt > 1) {
          const again = await this.#begin(sha256)
          if (again.is !== 'whole') throw new NoDirectWay('')
          request = again.request
        }
        const bytes = this.#inMemory
        const body =
          bytes ?? (await bodyOf(counted(this.#source(part.open(options.signal)), options.onBytes)))
        try {
          await line.put(request, body, { signal: this.#stop, bytes: size })
        } catch (error) {
          // It has arrived before, and the answer was lost. The server compares what lies there.
          if (!(error instanceof StoreFailure) || error.status !== 412) throw error
        }
        options.onBytes(size)
      })
    } finally {
      release()
    }
  }

  async #sendParts(begun: BegunParts): Promise<{ readonly sha256: string; readonly parts: readonly Sent[] }> {
    const { line, part, size, options } = this.#facts
    const bytes = this.#inMemory
    const content = bytes === undefined ? this.#source(part.open(options.signal)) : oneByOne(bytes)
    const reader = new PartReader(content)
    this.#reader = reader
    const hash: RunningSha256 = await createSha256()
    const underway = new Set<Promise<void>>()
    const parts: Sent[] = []
    try {
      for (let number = 1, taken = 0; taken < size; number++) {
        const release = await line.slots.take()
        this.#stop.throwIfAborted()
        const next = await reader.next(Math.min(begun.partBytes, size - taken)).catch((error: unknown) => {
          release()
          throw error
        })
        if (next.length === 0) {
          release()
          break
        }
        taken += next.length
        hash.update(next)
        const sending = this.#sendPart(begun, number, next)
          .then((sent) => {
            parts.push(sent)
            this.#arrived += next.length
            options.onBytes(this.#arrived)
          })
          .finally(release)
        // The first one shows whether there is a way; only then does more leave the source.
        if (!line.works) await sending
        const tracked = sending.catch((error: unknown) => this.#failed.abort(error))
        underway.add(tracked)
        void tracked.finally(() => underway.delete(tracked))
      }
      await Promise.all(underway)
      this.#stop.throwIfAborted()
      await this.#requireEnd(reader)
    } catch (error) {
      this.#failed.abort(error)
      await Promise.all(underway)
      if (error instanceof NoDirectWay) await this.#abort(begun.uploadId)
      throw error
    }
    return { sha256: hash.hex(), parts: parts.sort((a, b) => a.number - b.number) }
  }

  /** Each attempt has a request of its own, so that none expires while others are waited for. */
  async #sendPart(
    { uploadId, checksum }: BegunParts,
    number: number,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<Sent> {
    const { line, upload } = this.#facts
    const digest = checksum === 'crc32' ? { crc32: crc32(bytes) } : {}
    const announced = { number, size: bytes.length, ...digest }
    return this.#repeated(async () => {
      const { items } = await this.#ask(
        `${savePath(upload.saveId)}/uploads/parts`,
        { uploadId, parts: [announced] },
        signedRequestsSchema,
      )
      const [request] = items
      if (request === undefined) throw new NoDirectWay('')
      const etag = await line.put(request, bytes, { signal: this.#stop, bytes: bytes.length })
      // A page sees it only where the bucket's CORS rules expose it.
      if (etag === '')
        throw new NoDirectWay(`${new URL(request.url).host} does not let a page see the header ETag`)
      return { number, etag, ...digest }
    })
  }

  async #repeated<T>(attempt: (number: number) => Promise<T>): Promise<T> {
    const { connection, line } = this.#facts
    for (let number = 1; ; number++) {
      try {
        return await attempt(number)
      } catch (error) {
        this.#stop.throwIfAborted()
        if (!(error instanceof StoreFailure)) throw error
        const first = !line.works
        if (first && error.status === undefined) {
          line.markUnreachable(error.message)
          throw new NoDirectWay(error.message)
        }
        if (!error.isPassing || number >= connection.attempts)
          throw first ? new NoDirectWay(error.message) : error
        await pause(100 * 2 ** (number - 1) * (0.5 + Math.random() / 2), this.#stop)
      }
    }
  }

  #complete(sent: {
    readonly sha256: string | undefined
    readonly parts?: { readonly uploadId: string; readonly sent: readonly Sent[] }
  }): Promise<ModelFile> {
    const { upload, part, size } = this.#facts
    return this.#facts.connection.ask(
      {
        ...this.#asked(`${savePath(upload.saveId)}/uploads/complete`),
        json: { path: part.path, size, mediaType: part.mediaType, ...sent },
      },
      answers.json(answers.file),
    )
  }

  async #abort(uploadId: string): Promise<void> {
    const { upload, part, connection } = this.#facts
    const path = `${savePath(upload.saveId)}/uploads/abort`
    // What is left of it, the server ends with the save's lease.
    await connection
      .ask({ ...this.#asked(path), json: { path: part.path, uploadId } }, answers.nothing)
      .catch(() => {})
  }

  #renew(): void {
    const { upload, connection } = this.#facts
    const { signal: _, ...asked } = this.#asked(`${savePath(upload.saveId)}/renew`)
    // Whether the lease is lost tells the next step.
    connection.ask(asked, answers.json(leaseSchema)).catch(() => {})
  }

  #ask<S extends z.ZodType>(path: string, body: object, schema: S): Promise<z.output<S>> {
    const json = { path: this.#facts.part.path, ...body }
    return this.#facts.connection.ask({ ...this.#asked(path), json }, answers.json(schema))
  }

  #asked(path: string): Ask {
    return {
      method: 'POST',
      path,
      operation: 'saveModel',
      signal: this.#facts.options.signal,
      subject: { code: 'S3_UPLOAD_FAILED', ...this.#subject },
      repeat: 'freely',
    }
  }

  get #subject() {
    const { modelId, version, s3Path } = this.#facts.upload
    return { modelId, version, s3Path, file: this.#facts.part.path }
  }

  /** The source; what it fails with is told as its failure. */
  async *#source(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* pieces
    } catch (error) {
      throw new S3UploadError(this.#subject, { reason: sourceFailed, cause: error })
    }
  }
}

async function* counted(
  pieces: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const piece of pieces) {
    yield piece
    bytes += piece.length
    onBytes(bytes)
  }
}

async function* oneByOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
