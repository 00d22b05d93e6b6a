import type { Outcome } from '../../../errors/cause.js'
import type { Leftover } from '../../../errors/model-registry-error.js'

/** A put that failed, with what is known of its traces. `cause` is why. */
export class PutFailure extends Error {
  override readonly name = 'PutFailure'
  readonly outcome: Outcome
  readonly leftovers: readonly Leftover[]

  constructor(cause: unknown, outcome: Outcome, leftovers: readonly Leftover[]) {
    super('The put failed.', { cause })
    this.outcome = outcome
    this.leftovers = leftovers
  }
}
