import type { Cause, ValidationProblem } from './cause.js'
import { invalidMetadata } from './causes/registry.js'
import {
  invalidId,
  invalidShape,
  invalidVersion,
  missingField,
  outOfRange,
  unknownField,
  wrongValue,
} from './causes/validation.js'

/** Of these the narrower causes speak; an option, a file or a setting may have the same names with other rules. */
const aboutMetadata: readonly (string | undefined)[] = [undefined, 'The metadata', 'The change', 'saveModel']

/**
 * The cause that all of the problems share, or `invalid-metadata` where they differ or are of something else.
 *
 * @param operation - what was refused, as the error names it.
 */
export function validationCause(problems: readonly ValidationProblem[], operation?: string): Cause {
  if (!aboutMetadata.includes(operation)) return invalidMetadata
  const [first, ...others] = new Set(problems.map(causeOf))
  return first !== undefined && others.length === 0 ? first : invalidMetadata
}

/** By where the problem is, what was found and what is allowed, all of which the registry itself has written. */
function causeOf({ path, found, allowed }: ValidationProblem): Cause {
  if (found.startsWith('the unknown key ')) return unknownField
  if (found === 'nothing') return missingField
  if (/(?:^|\.)(?:version|parentVersion)$/.test(path)) return invalidVersion
  if (/(?:^|\.)modelId$/.test(path)) return invalidId
  if (/(?:^|\.)(?:inputShape|outputShape)(?:\.|$)/.test(path)) return invalidShape
  if (allowed.startsWith('one of ')) return wrongValue
  if (/^(?:at least|at most|more than|less than) -?\d+(?:\.\d+)?$/.test(allowed)) return outOfRange
  return invalidMetadata
}
