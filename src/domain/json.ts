import { z } from 'zod'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** Deeper trees serve nobody and end the stack of whoever reads them. */
const DEEPEST = 32

function isJson(value: unknown, depth = 0): value is Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || depth >= DEEPEST) return false
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1))
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return Object.entries(value).every(
    ([name, item]) => isPlainName(name) && (item === undefined || isJson(item, depth + 1)),
  )
}

/**
 * JSON writes the others with an escape, and V8 may read a name with one as another:
 * https://github.com/nodejs/node/issues/63785
 */
function isPlainName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return !/["\\\u0000-\u001f]/.test(name)
}

/** A plain object of JSON values, at most 32 deep. */
export const jsonObject = z
  .record(z.string(), z.unknown())
  .refine(
    (value) => isJson(value),
    `plain JSON, at most ${DEEPEST} levels deep, without NaN or Infinity, and without quotes, backslashes or control characters in names`,
  )
