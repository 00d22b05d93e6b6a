import type { ValidationProblem } from '../errors/cause.js'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'

/** What was found, short enough for a sentence. */
export function found(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'string' ? JSON.stringify(value) : (safeJson(value) ?? safeText(value))
  return text.length > 120 ? `${text.slice(0, 117)}…` : text
}

/** The problem of one value, in the form in which the schema reports its own. */
export function problemOf(path: string, value: unknown, allowed: string): ValidationProblem {
  return { path, found: found(value), allowed, message: `found ${found(value)}, allowed is ${allowed}` }
}

/** The error for one bad argument outside the metadata: a name, an option. */
export function refuse(
  path: string,
  value: unknown,
  allowed: string,
  operation?: string,
): ModelValidationError {
  return new ModelValidationError({
    ...(operation === undefined ? {} : { operation }),
    validationErrors: [problemOf(path, value, allowed)],
  })
}

function safeJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    // A cycle or a BigInt: the caller shows its text instead.
    return undefined
  }
}

/** Not every object has a text: one without a prototype has none. */
function safeText(value: unknown): string {
  try {
    return String(value)
  } catch {
    return Object.prototype.toString.call(value)
  }
}
