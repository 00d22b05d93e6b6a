import { describeError } from './describe-error.js'
import { diagnoseText } from './diagnose-text.js'
import type { DiagnoseOptions, Diagnosis } from './diagnosis.js'

/**
 * Finds the code and the cause behind whatever was caught: an error of the registry, of an SDK or a driver, a chain of
 * them, or a string. It walks the whole chain: `cause`, the members of an AggregateError, `$metadata`, the fields of a
 * driver, the issues of zod. Never throws.
 *
 * Places in the answer are those of `describeError(error)`, or of the string itself.
 */
export function diagnose(error: unknown, options: DiagnoseOptions = {}): Diagnosis {
  return diagnoseText(typeof error === 'string' ? error : describeError(error), options)
}
