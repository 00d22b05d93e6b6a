import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { PIECE_BYTES, takePiece } from '../../../domain/piece-pool.js'
import { aborted, lengthMismatch } from '../../../errors/causes/objects.js'
import { Refusal } from '../refusal.js'

export interface FileBytesOptions {
  /** Taken over: closed when the stream ends, fails or is left. */
  readonly handle: FileHandle
  readonly start: number
  /** The byte after the last one. */
  readonly end: number
  readonly signal: AbortSignal | undefined
  /** Makes the error that readers get. */
  readonly failure: (error: unknown) => Error
}

/** Bytes of an open file. A Node stream, so that servers can pipe it. */
export class FileBytes extends Readable {
  readonly #options: FileBytesOptions
  #position: number

  constructor(options: FileBytesOptions) {
    super({ highWaterMark: PIECE_BYTES })
    this.#options = options
    this.#position = options.start
    options.signal?.addEventListener('abort', this.#onAbort, { once: true })
    // A stream that nobody reads yet would raise its error as an uncaught one. Whoever reads it gets it all the same.
    this.on('error', () => {})
    // It may have fired while the file was being opened, and a listener added after that is never called.
    if (options.signal?.aborted) this.#onAbort()
  }

  readonly #onAbort = () => {
    this.destroy(this.#options.failure(new Refusal(aborted)))
  }

  override _read(): void {
    this.#readOn().then(
      (piece) => this.push(piece),
      (error: unknown) => this.destroy(this.#options.failure(error)),
    )
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
    this.#options.handle.close().then(
      () => done(error),
      (closing: unknown) => done(error ?? this.#options.failure(closing)),
    )
  }

  async #readOn(): Promise<Uint8Array | null> {
    const { handle, start, end } = this.#options
    const length = Math.min(PIECE_BYTES, end - this.#position)
    if (length === 0) return null
    // Whoever asks for a few bytes of a large file shall not hold a whole piece for them.
    const piece = length === PIECE_BYTES ? takePiece() : Buffer.allocUnsafeSlow(length)
    const { bytesRead } = await handle.read(piece, 0, length, this.#position)
    if (bytesRead === 0)
      throw new Refusal(lengthMismatch, { expected: end - start, actual: this.#position - start })
    this.#position += bytesRead
    return bytesRead === length ? piece : piece.subarray(0, bytesRead)
  }
}
