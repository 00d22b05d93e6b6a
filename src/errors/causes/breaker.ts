import {
  anyOf,
  commonSdk,
  commonWording,
  defineCause,
  knownToRegistry,
  sdk,
  step,
  wording,
} from '../cause.js'
import { waitForStore } from './repairs.js'

/** The circuit breaker refuses calls until its cooldown is over. */
export const breakerOpen = defineCause({
  id: 'breaker-open',
  title: 'The circuit breaker is open',
  symptom: true,
  because: (c) =>
    `the circuit breaker is open after too many failures${c.retryInMs === undefined ? '' : `; the next probe is in ${Math.ceil(c.retryInMs / 1000)} s`}`,
  evidence: anyOf(
    knownToRegistry,
    sdk('BrokenCircuitError', 'IsolatedCircuitError'),
    commonSdk('EOPENBREAKER', 'CircuitBreakerOpen'),
    wording([
      'breaker is open',
      'circuit breaker being open',
      'circuit breaker open',
      'circuit breaker…open state',
      'circuit breaker…is in state open',
    ]),
    commonWording(['circuit is open']),
  ),
  retry: 'safe',
  fix: waitForStore,
  steps: (c) => [
    step(
      `Wait ${Math.ceil((c.retryInMs ?? 30_000) / 1000)} s: the breaker lets one call through, and closes if it succeeds.`,
    ),
    step('If it opens again, see the last failures with their causes.', {
      run: 'modelry breaker --server URL',
    }),
  ],
  source: 'modelry',
})
