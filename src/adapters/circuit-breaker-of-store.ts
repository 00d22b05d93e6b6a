import type { BreakerStats } from '../domain/breaker.js'
import { redact } from '../errors/redact.js'
import type { StoreBreaker } from '../ports/store-breaker.js'
import { endpointOf, type S3CircuitBreaker } from './circuit-breaker.js'
import type { CircuitStats } from './circuit-breaker-circuit.js'

/** What a breaker knows of one store, among all that it guards in this process. */
export function breakerOf(breaker: S3CircuitBreaker, store: { readonly endpoint?: string }): StoreBreaker {
  const endpoint = endpointOf(store)
  const own = () => breaker.stats().filter((circuit) => circuit.endpoint === endpoint)
  return {
    stats: () => own().map(shownStats),
    reset() {
      for (const { bucket } of own()) breaker.reset({ endpoint, bucket })
    },
    onChange: (listener) =>
      breaker.onChange(({ bucket, state, ...place }) => {
        if (place.endpoint !== endpoint) return
        const probe = state.is === 'open' ? { nextProbeAt: state.until.toISOString() } : {}
        listener({ endpoint: redact(endpoint), bucket, state: state.is, ...probe })
      }),
  }
}

function shownStats({ state, since, lastFailures, endpoint, ...stats }: CircuitStats): BreakerStats {
  const probe =
    state.is === 'open'
      ? {
          nextProbeAt: state.until.toISOString(),
          retryInMs: Math.max(0, state.until.getTime() - Date.now()),
        }
      : {}
  return {
    endpoint: redact(endpoint),
    ...stats,
    state: state.is,
    since: since.toISOString(),
    ...probe,
    lastFailures: lastFailures.map(({ at, ...failure }) => ({ at: at.toISOString(), ...failure })),
  }
}
