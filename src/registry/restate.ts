import type { ErrorContext } from '../errors/cause.js'
import { isModelRegistryError, type Leftover } from '../errors/model-registry-error.js'
import { createError } from '../errors/revive.js'

/**
 * The same failure with what the operation above knows of it: the model, the version, what was left behind. What is not
 * an error of the registry is given back as it is.
 *
 * @param place - `instead`: of the leftovers that the error names, some are gone.
 */
export function restate(
  error: unknown,
  facts: ErrorContext,
  leftovers: readonly Leftover[] = [],
  place: 'besides' | 'instead' = 'besides',
): unknown {
  if (!isModelRegistryError(error)) return error
  return createError(
    error.code,
    { ...error.context, ...facts },
    {
      reason: error.reason,
      outcome: error.outcome,
      leftovers: place === 'instead' ? leftovers : [...error.leftovers, ...leftovers],
      ...(error.cause === undefined ? {} : { cause: error.cause }),
    },
  )
}
