import type { ErrorContext } from '../cause.js'
import { breakerOpen } from '../causes/breaker.js'
import { defineEntry } from '../entry.js'
import { ModelRegistryError, type ModelRegistryErrorOptions } from '../model-registry-error.js'
import { page } from './page.js'

export interface CircuitBreakerOpenContext extends ErrorContext {
  /** Counts and rates of the breaker at that moment. */
  readonly stats?: unknown
  readonly retryInMs?: number
}

/** Calls to the artifact store are refused for a while, since too many of the last ones failed. */
export class CircuitBreakerOpenError extends ModelRegistryError<CircuitBreakerOpenContext> {
  static override readonly entry = defineEntry({
    ...page,
    code: 'CIRCUIT_BREAKER_OPEN',
    className: 'CircuitBreakerOpenError',
    title: 'The circuit breaker is open',
    description:
      'Calls to the artifact store are refused for a while, since too many of the last ones failed.',
    category: 'Network',
    severity: 'Critical',
    since: '0.1.0',
    status: 503,
    runbook: 's3-circuit-breaker-open',
    causes: [breakerOpen],
    happened: (c) => `${c.operation ?? 'A call to the artifact store'} was not tried`,
    outcome: () => 'Nothing was sent to the store.',
  })

  declare readonly code: 'CIRCUIT_BREAKER_OPEN'

  constructor(context: CircuitBreakerOpenContext, options: ModelRegistryErrorOptions = {}) {
    super(CircuitBreakerOpenError.entry, context, { reason: breakerOpen, ...options })
  }
}
