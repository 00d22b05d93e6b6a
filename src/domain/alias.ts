import type { $brand } from 'zod'
import { refuse } from './refuse.js'
import { isVersion } from './version.js'

/** A movable name for one version of a model, such as `champion`. */
export type Alias = string & $brand<'Alias'>

export const LATEST = 'latest'

export const ALIAS_RULE =
  'a name of lower-case letters, digits, ".", "_" and "-", starting with a letter and ending with a letter or digit, at most 64 characters, other than "latest"'

export function isAlias(text: string): text is Alias {
  return (
    /^[a-z](?:[a-z0-9._-]{0,62}[a-z0-9])?$/.test(text) &&
    text !== LATEST &&
    !text.includes('..') &&
    !isVersion(text)
  )
}

/** @throws ModelValidationError */
export function parseAlias(text: unknown): Alias {
  if (typeof text === 'string' && isAlias(text)) return text
  throw refuse('alias', text, ALIAS_RULE)
}
