import type { ErrorContext } from '../cause.js'
import { breakerOpen } from '../causes/breaker.js'
import { connectionCauses } from '../causes/groups.js'
import { serverFailed, serverUnreachable } from '../causes/http.js'
import { storeFault, throttled } from '../causes/s3-service.js'
import { byLikelihood, defineEntry } from '../entry.js'
import { ModelRegistryError, type ModelRegistryErrorOptions } from '../model-registry-error.js'
import { stateOfData } from '../state-of-data.js'
import { page } from './page.js'

export interface S3UnavailableContext extends ErrorContext {
  readonly retryInMs?: number
}

/** The artifact store is away, or its circuit breaker is open, so the operation was not carried out. */
export class S3UnavailableError extends ModelRegistryError<S3UnavailableContext> {
  static override readonly entry = defineEntry({
    ...page,
    code: 'S3_UNAVAILABLE',
    className: 'S3UnavailableError',
    title: 'The artifact store cannot be reached',
    description:
      'The artifact store is away, or its circuit breaker is open, so the operation was not carried out.',
    category: 'Network',
    severity: 'Critical',
    since: '0.1.0',
    status: 503,
    runbook: 's3-unavailable',
    causes: byLikelihood(
      breakerOpen,
      connectionCauses,
      storeFault,
      throttled,
      serverUnreachable,
      serverFailed,
    ),
    happened: (c) =>
      c.operation ? `${c.operation} was not carried out` : 'The artifact store cannot be reached',
    outcome: (c, outcome) =>
      stateOfData(outcome, {
        nothing: `Nothing was ${/save/.test(c.operation ?? '') ? 'recorded' : 'changed'}; the same call is safe to make again.`,
        done: 'The operation took effect.',
      }),
  })

  declare readonly code: 'S3_UNAVAILABLE'

  constructor(context: S3UnavailableContext, options: ModelRegistryErrorOptions = {}) {
    super(S3UnavailableError.entry, context, options)
  }
}
