import type { $brand } from 'zod'
import { refuse } from './refuse.js'

/** A named place that serves models, such as `production`. */
export type Environment = string & $brand<'Environment'>

export const ENVIRONMENT_RULE =
  'a name of lower-case letters, digits, "_" and "-", starting with a letter, at most 64 characters'

export function isEnvironment(text: string): text is Environment {
  return /^[a-z][a-z0-9_-]{0,63}$/.test(text)
}

/** @throws ModelValidationError */
export function parseEnvironment(text: unknown): Environment {
  if (typeof text === 'string' && isEnvironment(text)) return text
  throw refuse('environment', text, ENVIRONMENT_RULE)
}
