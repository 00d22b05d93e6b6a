/** Cuts what comes in pieces into parts, and can give back what it has taken. */
export class PartReader {
  readonly #pieces: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array()
  #taken: Uint8Array | undefined
  #ended = false
  /** Bytes that came so far. */
  read = 0
  /** Parts that were taken. */
  parts = 0

  constructor(content: AsyncIterable<Uint8Array>) {
    this.#pieces = content[Symbol.asyncIterator]()
  }

  /** The next `size` bytes, or what is left; empty at the end. The bytes are the caller's to keep. */
  async next(size: number): Promise<Uint8Array<ArrayBuffer>> {
    const part = new Uint8Array(size)
    let filled = 0
    while (filled < size) {
      if (this.#rest.length === 0) {
        const { done, value } = this.#ended ? { done: true, value: undefined } : await this.#pieces.next()
        this.#ended ||= done === true
        if (done === true || value === undefined) break
        this.#rest = value
        this.read += value.length
        continue
      }
      const piece = this.#rest.subarray(0, size - filled)
      part.set(piece, filled)
      filled += piece.length
      this.#rest = this.#rest.subarray(piece.length)
    }
    const bytes = part.subarray(0, filled)
    this.#taken = bytes
    this.parts += 1
    return bytes
  }

  /** The part that was taken last, and all that follows: for whoever starts over with a source that is read once. */
  async *again(): AsyncGenerator<Uint8Array> {
    if (this.#taken !== undefined) yield this.#taken
    if (this.#rest.length > 0) yield this.#rest
    while (!this.#ended) {
      const { done, value } = await this.#pieces.next()
      if (done === true) return
      yield value
    }
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    await this.#pieces.return?.()
  }
}
