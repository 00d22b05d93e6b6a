import { Readable } from 'node:stream'
import { aborted, lengthMismatch } from '../../../errors/causes/objects.js'
import { Refusal } from '../refusal.js'

/** So many bytes read earn back one of the breaks that a reading may have. */
const EARNS_A_BREAK = 1024 ** 2

export interface S3BytesOptions {
  /** The answer's body, from its first byte. */
  readonly body: Readable
  /** Bytes that it ought to have. */
  readonly length: number
  /** Breaks that are bridged without progress between them. */
  readonly breaks: number
  readonly signal: AbortSignal | undefined
  /** Asks for the bytes from `offset` on, after so many of them were read. */
  readonly continueAt: (offset: number, signal: AbortSignal) => Promise<Readable>
  /** Makes the error that readers get. */
  readonly failure: (error: unknown) => Error
  readonly onClose: () => void
}

/**
 * The bytes of an object; where the answer breaks off, the next one goes on at that byte. A Node stream, so that servers
 * can pipe it.
 */
export class S3Bytes extends Readable {
  readonly #options: S3BytesOptions
  readonly #ended = new AbortController()
  #body: Readable | undefined
  #read = 0
  #breaksLeft: number
  #earned = 0
  #waiting = false

  constructor(options: S3BytesOptions) {
    super()
    this.#options = options
    this.#breaksLeft = options.breaks
    options.signal?.addEventListener('abort', this.#onAbort, { once: true })
    // A stream that nobody reads yet would raise its error as an uncaught one. Whoever reads it gets it all the same.
    this.on('error', () => {})
    this.#follow(options.body)
  }

  readonly #onAbort = () => {
    this.destroy(this.#options.failure(new Refusal(aborted)))
  }

  #follow(body: Readable): void {
    this.#body = body
    let over = false
    const end = (error?: unknown) => {
      if (over || this.#body !== body) return
      over = true
      this.#body = undefined
      body.destroy()
      this.#onEnd(error)
    }
    body.on('data', (piece: Buffer) => {
      if (over) return
      const room = this.#options.length - this.#read
      const taken = piece.length > room ? piece.subarray(0, room) : piece
      this.#read += taken.length
      this.#earn(taken.length)
      if (!this.push(taken)) {
        this.#waiting = false
        body.pause()
      }
      if (this.#read < this.#options.length) return
      over = true
      this.#body = undefined
      // Read to its very end, the connection serves the next request.
      body.resume()
      this.push(null)
    })
    body.on('end', () => end())
    body.on('error', end)
    body.on('close', () => end())
    // Nothing is taken from the connection before somebody reads.
    body.pause()
    if (this.#waiting) body.resume()
  }

  #earn(bytes: number): void {
    this.#earned += bytes
    if (this.#earned < EARNS_A_BREAK) return
    this.#earned = 0
    this.#breaksLeft = Math.min(this.#options.breaks, this.#breaksLeft + 1)
  }

  #onEnd(error: unknown): void {
    if (this.destroyed) return
    const { length, continueAt } = this.#options
    if (this.#read === length) {
      this.push(null)
      return
    }
    if (this.#breaksLeft === 0) {
      const short = new Refusal(lengthMismatch, { expected: length, actual: this.#read })
      this.destroy(this.#options.failure(error ?? short))
      return
    }
    this.#breaksLeft -= 1
    continueAt(this.#read, this.#ended.signal).then(
      (body) => {
        if (this.destroyed) body.destroy()
        else this.#follow(body)
      },
      (failed: unknown) => this.destroy(this.#options.failure(failed)),
    )
  }

  override _read(): void {
    this.#waiting = true
    this.#body?.resume()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
    this.#ended.abort()
    const body = this.#body
    this.#body = undefined
    body?.on('error', () => {})
    body?.destroy()
    this.#options.onClose()
    done(error)
  }
}
