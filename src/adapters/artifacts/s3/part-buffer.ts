/** The least that is set aside for a small object. */
const FIRST_BYTES = 64 * 1024

/**
 * Gathers pieces up to the size of one part, in memory that grows with them. A buffer of full size can be used again
 * for the next part.
 */
export class PartBuffer {
  readonly size: number
  #bytes: Uint8Array<ArrayBuffer>
  #length = 0

  /** @param likely - how many bytes will come, where that is known. */
  constructor(size: number, likely?: number) {
    this.size = size
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(size, Math.max(FIRST_BYTES, likely ?? 0)))
  }

  get isFull(): boolean {
    return this.#length === this.size
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Takes as much of the piece as there is room for. @returns what is left of it. */
  add(piece: Uint8Array): Uint8Array {
    const taken = piece.subarray(0, this.size - this.#length)
    this.#makeRoom(this.#length + taken.length)
    this.#bytes.set(taken, this.#length)
    this.#length += taken.length
    return piece.subarray(taken.length)
  }

  /** Empty again, to be filled anew. */
  clear(): this {
    this.#length = 0
    return this
  }

  /** Gives the memory back at once, which the garbage collector would do much later. Its bytes are gone with it. */
  free(): void {
    this.#length = 0
    this.#bytes.buffer.transfer(0)
  }

  #makeRoom(wanted: number): void {
    if (wanted <= this.#bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.min(this.size, Math.max(wanted, this.#bytes.length * 2)))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}
