import { storeClosed } from '../errors/causes/sqlite.js'
import { DatabaseError } from '../errors/database-error/error.js'

/** Calls that have begun and not ended, so that whoever closes the stores can wait for them and take no more. */
export class CallsUnderWay {
  #count = 0
  #isClosed = false
  #tell: (() => void) | undefined

  /** @throws DatabaseError with cause `store-closed`, after `close`. */
  begin(operation: string): void {
    this.refuseWhenClosed(operation)
    this.#count += 1
  }

  end(): void {
    this.#count -= 1
    if (this.#count === 0) this.#tell?.()
  }

  /** @throws DatabaseError with cause `store-closed`, after `close`. */
  refuseWhenClosed(operation: string): void {
    if (this.#isClosed) throw new DatabaseError({ operation }, { reason: storeClosed })
  }

  /** Takes no more of them. */
  close(): void {
    this.#isClosed = true
  }

  /** Resolves when none is left. Waited for once. */
  async allEnded(): Promise<void> {
    if (this.#count === 0) return
    await new Promise<void>((resolve) => {
      this.#tell = resolve
    })
  }
}
