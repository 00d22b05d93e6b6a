/** So many steps make up the window; a step is forgotten as a whole. */
const STEPS = 10

interface Step {
  began: number
  succeeded: number
  failed: number
}

/** How many calls succeeded and how many failed of late: within a time that slides along in ten steps. */
export class CallWindow {
  readonly #stepMs: number
  readonly #now: () => number
  #steps: Step[] = []

  constructor(windowMs: number, now: () => number) {
    this.#stepMs = windowMs / STEPS
    this.#now = now
  }

  succeeded(): void {
    this.#current().succeeded += 1
  }

  failed(): void {
    this.#current().failed += 1
  }

  counts(): { readonly succeeded: number; readonly failed: number } {
    this.#forget()
    let [succeeded, failed] = [0, 0]
    for (const step of this.#steps) {
      succeeded += step.succeeded
      failed += step.failed
    }
    return { succeeded, failed }
  }

  clear(): void {
    this.#steps = []
  }

  #current(): Step {
    const now = this.#now()
    const last = this.#steps.at(-1)
    if (last !== undefined && now - last.began < this.#stepMs) return last
    this.#forget()
    const step = { began: now, succeeded: 0, failed: 0 }
    this.#steps.push(step)
    return step
  }

  #forget(): void {
    const oldest = this.#now() - this.#stepMs * STEPS
    while ((this.#steps[0]?.began ?? Number.POSITIVE_INFINITY) <= oldest) this.#steps.shift()
  }
}
