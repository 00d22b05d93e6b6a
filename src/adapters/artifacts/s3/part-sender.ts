import type { MultipartUpload } from './multipart.js'
import type { Transfer } from './options.js'
import { PartBuffer } from './part-buffer.js'

/** Sends parts side by side, as many as fit into the memory that is set for them. */
export class PartSender {
  readonly #transfer: Transfer
  readonly #failed: AbortController
  readonly #stop: AbortSignal
  readonly #underWay = new Set<Promise<void>>()
  #spare: PartBuffer[] = []

  /** @param failed - is fired by the first part that fails, and ends all others by way of `stop`. */
  constructor(transfer: Transfer, failed: AbortController, stop: AbortSignal) {
    this.#transfer = transfer
    this.#failed = failed
    this.#stop = stop
  }

  /** Waits until there is room for one more, and takes the buffer over. @throws what a part failed with. */
  async send(upload: MultipartUpload, part: PartBuffer): Promise<void> {
    const room = Math.max(
      1,
      Math.floor((this.#transfer.parallelParts * this.#transfer.partBytes) / part.size),
    )
    while (this.#underWay.size >= room) await Promise.race(this.#underWay)
    this.#failed.signal.throwIfAborted()
    const sending = upload.send(part.bytes, this.#stop).then(
      () => {
        this.#spare.push(part.clear())
      },
      // The memory of a failed request may still be in use below; it is not filled again.
      (error: unknown) => this.#failed.abort(error),
    )
    const tracked = sending.finally(() => this.#underWay.delete(tracked))
    this.#underWay.add(tracked)
  }

  emptyBuffer(size: number): PartBuffer {
    const spare = this.#spare.pop()
    if (spare?.size === size) return spare
    spare?.free()
    this.free()
    return new PartBuffer(size, size)
  }

  /** Waits for all parts. @throws what a part failed with. */
  async drain(): Promise<void> {
    await this.settle()
    this.#failed.signal.throwIfAborted()
  }

  /** Ends what is under way after a failure, and waits for its end; after a success there is nothing to end. */
  async settle(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  /** Gives back the memory of the parts that were sent. */
  free(): void {
    for (const spare of this.#spare) spare.free()
    this.#spare = []
  }
}
