import type { Bytes } from '../../../ports/artifact-store.js'

/** What other processes have put there meanwhile is counted again each time that so much came. */
const COUNT_AGAIN_BYTES = 8 * 1024 ** 2

/** Thrown by a put whose bytes there is no room for. */
export class NoRoom extends Error {
  override readonly name = 'NoRoom'
  /** Bytes that were left. */
  readonly left: number

  constructor(left: number) {
    super(`There are ${Math.max(0, left)} bytes left.`)
    this.left = Math.max(0, left)
  }
}

/** Keeps a folder within its limit. What is known to be long is refused before its first byte. */
export class Room {
  readonly #maxBytes: number
  readonly #used: () => Promise<number>
  /** Bytes that puts of this process have announced and not yet written. */
  #announced = 0

  /** @param used - bytes of the folder, those of uploads in progress too. */
  constructor(maxBytes: number, used: () => Promise<number>) {
    this.#maxBytes = maxBytes
    this.#used = used
  }

  /** Calls `put` with the same bytes, which it may have as long as there is room. @throws NoRoom */
  async within<T>(content: Bytes, size: number | undefined, put: (bytes: Bytes) => Promise<T>): Promise<T> {
    if (size === undefined) return this.#counted(content, put)
    let left = size
    this.#announced += size
    const take = (bytes: number) => {
      const taken = Math.min(left, bytes)
      left -= taken
      this.#announced -= taken
    }
    try {
      const free = await this.#free()
      if (free < 0) throw new NoRoom(free + size)
      return await put(watched(content, async (piece) => take(piece.length)))
    } finally {
      take(left)
    }
  }

  async #counted<T>(content: Bytes, put: (bytes: Bytes) => Promise<T>): Promise<T> {
    let refused: NoRoom | undefined
    let free = await this.#free()
    let since = 0
    const count = async ({ length }: Uint8Array) => {
      free -= length
      since += length
      if (since >= COUNT_AGAIN_BYTES) {
        free = Math.min(free, (await this.#free()) - length)
        since = 0
      }
      if (free >= 0) return
      refused = new NoRoom(free + length)
      throw refused
    }
    try {
      return await put(watched(content, count))
    } catch (error) {
      throw refused ?? error
    }
  }

  async #free(): Promise<number> {
    return this.#maxBytes - (await this.#used()) - this.#announced
  }
}

async function* watched(
  content: Bytes,
  onPiece: (piece: Uint8Array) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    await onPiece(piece)
    yield piece
  }
}
