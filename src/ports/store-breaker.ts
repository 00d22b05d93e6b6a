import type { BreakerState, BreakerStats } from '../domain/breaker.js'

interface BreakerChange {
  readonly endpoint: string
  readonly bucket: string
  readonly state: BreakerState
  /** When one call may try, where it is open. */
  readonly nextProbeAt?: string
}

/** The circuit breaker before an artifact store. It is this process's own: another one has counts of its own. */
export interface StoreBreaker {
  /** Of each bucket of the store that was called, and of its own. */
  stats(): BreakerStats[]
  /** Closes its circuits and forgets what was counted. */
  reset(): void
  /** Tells each change of state. @returns what ends it. */
  onChange(listener: (change: BreakerChange) => void): () => void
}
