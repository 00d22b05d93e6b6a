import { defineCause, knownToRegistry, step } from '../cause.js'

/** The circuit breaker refuses calls until its cooldown is over. */
export const breakerOpen = defineCause({
  id: 'breaker-open',
  title: 'The circuit breaker is open',
  because: (c) =>
    `the circuit breaker is open after too many failures${c.retryInMs === undefined ? '' : `; the next probe is in ${Math.ceil(c.retryInMs / 1000)} s`}`,
  evidence: knownToRegistry,
  retry: 'safe',
  steps: (c) => [
    step(
      `Wait ${Math.ceil((c.retryInMs ?? 30_000) / 1000)} s: the breaker lets one call through, and closes if it succeeds.`,
    ),
    step('If it opens again, find out why the store fails: the last failures are in context.stats.'),
  ],
  source: 'modelry',
})
