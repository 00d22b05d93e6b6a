import type { Cause, ErrorContext } from '../../errors/cause.js'

/** Inside a driver: the failure has a reason that no code of a system or a server tells. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly reason: Cause
  readonly facts: ErrorContext

  constructor(reason: Cause, facts: ErrorContext = {}) {
    super(reason.because(facts))
    this.reason = reason
    this.facts = facts
  }
}
