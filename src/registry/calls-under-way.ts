/** Calls that have begun and not ended, so that whoever closes the stores can wait for them. */
export class CallsUnderWay {
  #count = 0
  #tell: (() => void) | undefined

  begin(): void {
    this.#count += 1
  }

  end(): void {
    this.#count -= 1
    if (this.#count === 0) this.#tell?.()
  }

  /** Resolves when none is left, whether it began before or since. Waited for once. */
  async allEnded(): Promise<void> {
    if (this.#count === 0) return
    await new Promise<void>((resolve) => {
      this.#tell = resolve
    })
  }
}
