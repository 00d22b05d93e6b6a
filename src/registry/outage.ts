import { breakerOpen } from '../errors/causes/breaker.js'
import { CircuitBreakerOpenError } from '../errors/circuit-breaker-open/error.js'
import { isModelRegistryError, type ModelRegistryError } from '../errors/model-registry-error.js'
import { S3UnavailableError } from '../errors/s3-unavailable/error.js'

/**
 * A call that the breaker refused is one for which the store is away: whoever called the registry gets that, with the
 * refusal as its `cause`. What became of the data, and what is left behind, stays said. Anything else is given back as it
 * is.
 */
export function asUnavailable(error: unknown, operation: string): unknown {
  if (!isRefusal(error) || error instanceof S3UnavailableError) return error
  const cause = error instanceof CircuitBreakerOpenError ? error : (refusalUnder(error) ?? error)
  const { context, reason, outcome, leftovers } = error
  return new S3UnavailableError({ ...context, operation }, { reason, outcome, leftovers, cause })
}

/** Whether the store was not asked, since its circuit is open. */
export function isRefusal(error: unknown): error is ModelRegistryError {
  return isModelRegistryError(error) && error.reason === breakerOpen
}

function refusalUnder(error: Error): CircuitBreakerOpenError | undefined {
  const { cause } = error
  if (cause instanceof CircuitBreakerOpenError) return cause
  return cause instanceof Error ? refusalUnder(cause) : undefined
}

/** The same steps, each of which ends so. */
export function withUnavailable<T extends object>(steps: T): T {
  return new Proxy(steps, {
    get(target, name) {
      const step: unknown = Reflect.get(target, name)
      if (typeof step !== 'function') return step
      return async (...args: unknown[]) => {
        try {
          return await Reflect.apply(step, target, args)
        } catch (error) {
          throw asUnavailable(error, 'A step of the save')
        }
      }
    },
  })
}
