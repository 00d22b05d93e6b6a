import type { ModelFile } from '../domain/model-record.js'
import { givePiece } from '../domain/piece-pool.js'
import { bytesPassed } from '../domain/sweep.js'
import { aborted, lengthMismatch, sourceFailed } from '../errors/causes/objects.js'
import { requestRefused } from '../errors/causes/s3-service.js'
import { S3UploadError } from '../errors/s3-upload-failed/error.js'
import { toWebStream } from '../sources/web-stream.js'
import type { Connection } from './connection.js'
import { crc32 } from './crc32.js'
import { type DirectLine, type SignedRequest, StoreFailure } from './direct-line.js'
import { type BegunUpload, DirectRequests, type Sent } from './direct-requests.js'
import { NoDirectWay } from './no-direct-way.js'
import { PartReader } from './part-reader.js'
import { pauseOrAbort } from './pause-or-abort.js'
import { createSha256 } from './sha256.js'
import { storeUploadError } from './store-failure.js'
import { type BytesPart, bodyOf, canStream, type Upload, type UploadFileOptions } from './upload-file.js'

/** What is held in memory to be hashed and sent; larger files are read twice for that. */
const IN_MEMORY_BYTES = 8 * 1024 ** 2

const PIECE_BYTES = 1024 ** 2

interface Facts {
  readonly connection: Connection
  readonly line: DirectLine
  readonly upload: Upload
  readonly part: BytesPart
  readonly size: number
  readonly options: UploadFileOptions
}

interface WholeFile {
  readonly size: number
  readonly sha256: string
}

type BegunParts = Extract<BegunUpload, { is: 'parts' }>

/** @see uploadDirect */
export class DirectSending {
  readonly #facts: Facts
  readonly #requests: DirectRequests
  readonly #failed = new AbortController()
  readonly #stop: AbortSignal
  #reader: PartReader | undefined
  #inMemory: Uint8Array<ArrayBuffer> | undefined
  #arrived = 0

  constructor(facts: Facts) {
    const { connection, upload, part, options } = facts
    this.#facts = facts
    this.#requests = new DirectRequests(connection, upload, part, options.signal)
    this.#stop = AbortSignal.any([options.signal, this.#failed.signal])
  }

  async run(wholeBytes: number): Promise<ModelFile> {
    const { part, size, upload } = this.#facts
    const requests = this.#requests
    const beat = setInterval(() => requests.renew(), upload.leaseMs / 3)
    try {
      const once = size <= IN_MEMORY_BYTES || (part.reads === 'again' && size <= wholeBytes)
      const file = once ? { size, sha256: await this.#hashed() } : undefined
      const begun = await requests.begin(file ?? { size })
      if (begun.is === 'through-server') throw new NoDirectWay()
      if (begun.is === 'whole') {
        if (file === undefined)
          throw new TypeError('the server asks for a file in one request without its sha256')
        return await this.#sendWhole(begun.request, file)
      }
      const { sha256, sent } = await this.#sendParts(begun)
      return await requests.complete({ size, sha256, parts: { uploadId: begun.uploadId, sent } })
    } finally {
      clearInterval(beat)
    }
  }

  /**
   * The part as the server is to get it, from its beginning.
   * @returns undefined where a source that is read once has given more than is held.
   */
  startedOver(): BytesPart | undefined {
    const { part } = this.#facts
    const [bytes, reader] = [this.#inMemory, this.#reader]
    if (bytes !== undefined) return { ...part, reads: 'again', open: () => oneByOne(bytes) }
    if (reader === undefined) return part
    if (part.reads === 'once') return reader.parts > 1 ? undefined : { ...part, open: () => reader.again() }
    void reader.close().catch(() => {})
    return part
  }

  async close(): Promise<void> {
    await this.#reader?.close().catch(() => {})
  }

  failure(error: unknown): unknown {
    const { signal } = this.#facts.options
    if (signal.aborted)
      return new S3UploadError(this.#requests.subject, { reason: aborted, cause: signal.reason })
    if (error instanceof StoreFailure) return storeUploadError(this.#requests.subject, error)
    if (!(error instanceof NoDirectWay)) return error
    const context = { ...this.#requests.subject, problem: error.message }
    return new S3UploadError(context, { reason: requestRefused })
  }

  /** Reads all of it: into memory where it is small. */
  async #hashed(): Promise<string> {
    const { part, size, options } = this.#facts
    const source = this.#source(part.open(options.signal))
    const hash = await createSha256()
    if (size <= IN_MEMORY_BYTES) {
      const reader = new PartReader(source)
      this.#reader = reader
      const bytes = await reader.next(size)
      await this.#requireEnd(reader)
      this.#reader = undefined
      this.#inMemory = bytes
      hash.update(bytes)
      return hash.hex()
    }
    let read = 0
    for await (const piece of source) {
      hash.update(piece)
      read += piece.length
      if (!givePiece(piece)) bytesPassed(piece.length)
    }
    this.#requireLength(read)
    return hash.hex()
  }

  async #requireEnd(reader: PartReader): Promise<void> {
    await reader.next(1)
    this.#requireLength(reader.read)
  }

  /** @throws S3UploadError with reason `length-mismatch` where the source gives more or less than it said. */
  #requireLength(actual: number): void {
    const { size: expected } = this.#facts
    if (actual === expected) return
    throw new S3UploadError({ ...this.#requests.subject, expected, actual }, { reason: lengthMismatch })
  }

  async #sendWhole(first: SignedRequest, file: WholeFile): Promise<ModelFile> {
    const release = await this.#facts.line.slots.take()
    try {
      let request: SignedRequest | undefined = first
      await this.#repeated(async () => {
        const signed = request ?? (await this.#signedAnew(file))
        request = undefined
        await this.#putWhole(signed)
      })
    } catch (error) {
      if (!(error instanceof NoDirectWay)) throw error
      // The connection may have broken with all of it there, and the server cannot put to an address that is taken.
      return await this.#requests.complete(file).catch(() => {
        throw error
      })
    } finally {
      release()
    }
    return this.#requests.complete(file)
  }

  async #signedAnew(file: WholeFile): Promise<SignedRequest> {
    const begun = await this.#requests.begin(file)
    if (begun.is === 'whole') return begun.request
    throw new NoDirectWay()
  }

  async #putWhole(request: SignedRequest): Promise<void> {
    const { line, part, size, options } = this.#facts
    const bytes = this.#inMemory
    const body = bytes ?? (await bodyOf(counted(this.#source(part.open(options.signal)), options.onBytes)))
    try {
      await line.put(request, body, { signal: this.#stop, bytes: size })
    } catch (error) {
      // It has arrived before, and the answer was lost. The server compares what lies there.
      if (!(error instanceof StoreFailure) || error.status !== 412) throw error
    }
    options.onBytes(size)
  }

  async #sendParts(begun: BegunParts): Promise<{ readonly sha256: string; readonly sent: readonly Sent[] }> {
    const { line, part, size, options } = this.#facts
    const bytes = this.#inMemory
    const content = bytes === undefined ? this.#source(part.open(options.signal)) : oneByOne(bytes)
    const reader = new PartReader(content)
    this.#reader = reader
    const hash = await createSha256()
    const underway = new Set<Promise<void>>()
    const sent: Sent[] = []
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
          .then((one) => {
            sent.push(one)
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
      if (error instanceof NoDirectWay) await this.#requests.abort(begun.uploadId)
      throw error
    }
    return { sha256: hash.hex(), sent: sent.sort((a, b) => a.number - b.number) }
  }

  /** Each attempt has a request of its own, so that none expires while others are waited for. */
  async #sendPart(
    { uploadId, checksum }: BegunParts,
    number: number,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<Sent> {
    const { line } = this.#facts
    const digest = checksum === 'crc32' ? { crc32: crc32(bytes) } : {}
    return this.#repeated(async () => {
      const request = await this.#requests.signPart(uploadId, { number, size: bytes.length, ...digest })
      const body = canStream() ? toWebStream(() => inPieces(bytes)) : bytes
      const etag = await line.put(request, body, { signal: this.#stop, bytes: bytes.length })
      // A page sees it only where the bucket's CORS rules expose it.
      if (etag === '') throw new NoDirectWay(`${hostOf(request)} does not let a page see the header ETag`)
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
        if (error.isPassing && number < connection.attempts) {
          await pauseOrAbort(100 * 2 ** (number - 1) * (0.5 + Math.random() / 2), this.#stop)
          continue
        }
        if (!first) throw error
        // Its signatures count for nothing there: the server's clock is wrong, or a policy asks for more.
        if (error.status === 403) line.markUnreachable(error.message)
        throw new NoDirectWay(error.message)
      }
    }
  }

  /** The source; what it fails with is told as its failure. */
  async *#source(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* pieces
    } catch (error) {
      throw new S3UploadError(this.#requests.subject, { reason: sourceFailed, cause: error })
    }
  }
}

function hostOf({ url }: SignedRequest): string {
  return new URL(url).host
}

async function* counted(
  pieces: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const piece of pieces) {
    yield piece
    bytes += piece.length
    bytesPassed(piece.length)
    onBytes(bytes)
  }
}

/** Of bytes that are given whole, fetch makes a copy first. */
async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES)
}

async function* oneByOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
