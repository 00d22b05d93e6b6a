import type { Bytes } from '../../../ports/artifact-store.js'

/**
 * How much of bytes that can be read only once is kept until the store has shown that it takes them: what a driver reads
 * before its first request of a large object, and a piece more.
 */
const KEPT_BYTES = 9 * 1024 ** 2

/**
 * Content that is offered to a store which may be away. What is read of it is kept for as long as that is little, so that
 * it can be read from its beginning once more: by then the store may have read on, and found out that it is not there.
 */
export class Offered implements AsyncIterable<Uint8Array> {
  readonly #content: Bytes
  #iterator: AsyncIterator<Uint8Array> | undefined
  #kept: Uint8Array[] | undefined
  #bytes = 0
  #reading: Promise<unknown> = Promise.resolve()
  #ended: 'no' | 'whole' | 'failed' = 'no'

  /** @param reads - `again`: the content can be had anew, so that nothing of it is kept here. */
  constructor(content: Bytes, reads: 'once' | 'again') {
    this.#content = content
    this.#kept = reads === 'once' ? [] : undefined
  }

  /** Whether somebody has begun to read it. */
  get begun(): boolean {
    return this.#iterator !== undefined
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const iterator = this.#content[Symbol.asyncIterator]()
    this.#iterator = iterator
    return {
      next: () => {
        const reading = this.#read(iterator)
        this.#reading = reading.catch(() => {})
        return reading
      },
      // Whoever leaves it is not the last one to read while all of it is still to be had.
      return: async () => {
        if (this.#kept === undefined) await iterator.return?.()
        return { done: true, value: undefined }
      },
    }
  }

  /** All of the content, from its beginning; undefined where it is gone. */
  async again(): Promise<Bytes | undefined> {
    if (this.#iterator === undefined) return this.#content
    await this.#reading
    if (this.#kept === undefined || this.#ended === 'failed') return undefined
    return this.#replayed(this.#kept, this.#iterator)
  }

  /** Nobody reads it any more. */
  async leave(): Promise<void> {
    this.#kept = undefined
    if (this.#ended === 'no') await this.#iterator?.return?.()
  }

  async *#replayed(
    kept: readonly Uint8Array[],
    iterator: AsyncIterator<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    this.#kept = undefined
    yield* kept
    while (this.#ended === 'no') {
      const { done, value } = await this.#read(iterator)
      if (done !== true) yield value
    }
  }

  async #read(iterator: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
    try {
      const result = await iterator.next()
      if (result.done) this.#ended = 'whole'
      else this.#keep(result.value)
      return result
    } catch (error) {
      this.#ended = 'failed'
      throw error
    }
  }

  #keep(piece: Uint8Array): void {
    this.#bytes += piece.length
    if (this.#bytes > KEPT_BYTES) this.#kept = undefined
    // A copy, since whoever reads the piece may give its memory back.
    else this.#kept?.push(piece.slice())
  }
}
