import type { z } from 'zod'
import type { ValidationProblem } from '../errors/cause.js'
import { nearest } from './nearest.js'
import { found } from './refuse.js'

/** Nobody reads more of them, and a caller can send hundreds of thousands. */
const MOST_SHOWN = 100

/** The issues of a zod schema as problems: path, what was found, what is allowed. At most 100, and how many more. */
export function problemsOf(
  error: z.ZodError,
  input: unknown,
  keys: readonly string[] = [],
): ValidationProblem[] {
  return atMost(
    error.issues.flatMap((issue): (() => ValidationProblem)[] => {
      if (issue.code === 'unrecognized_keys')
        return issue.keys.map((key) => () => unknownKey(issue.path, key, keys))
      return [() => issueProblem(issue, input)]
    }),
  )
}

/** The first 100 of the problems, and a last one that says how many there are beside them. */
export function atMost(problems: readonly (() => ValidationProblem)[]): ValidationProblem[] {
  const shown = problems.slice(0, MOST_SHOWN).map((problem) => problem())
  const more = problems.length - shown.length
  if (more === 0) return shown
  const last = more === 1 ? '1 more problem' : `${more} more problems`
  const message = `there ${more === 1 ? 'is' : 'are'} ${last}`
  return [...shown, { path: '', found: last, allowed: 'none', message }]
}

function issueProblem(issue: z.core.$ZodIssue, input: unknown): ValidationProblem {
  const value = at(input, issue.path)
  const allowed = allowedBy(issue)
  return {
    path: issue.path.join('.'),
    found: found(value),
    allowed,
    message: `found ${found(value)}, allowed is ${allowed}`,
  }
}

function unknownKey(path: readonly PropertyKey[], key: string, keys: readonly string[]): ValidationProblem {
  const meant = nearest(key, keys)
  const hint = meant.length > 0 ? `; did you mean ${meant.join(' or ')}?` : ''
  const where = [...path.map(String), key.length > 120 ? `${key.slice(0, 117)}…` : key].join('.')
  return {
    path: where,
    found: `the unknown key ${found(key)}`,
    allowed: keys.length > 0 ? `one of ${keys.join(', ')}` : 'only the documented keys',
    message: `the key ${found(key)} is not known${hint}`,
  }
}

function allowedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      // What zod calls a value that must be there, of whatever type.
      if (issue.expected === 'nonoptional') return 'a value'
      return `${article(issue.expected)} ${issue.expected}`
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`
    case 'too_small':
      return `${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${unitOf(issue.origin, issue.minimum)}`
    case 'too_big':
      return `${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}${unitOf(issue.origin, issue.maximum)}`
    case 'invalid_format':
      return issue.format === 'datetime'
        ? 'an ISO 8601 date and time such as 2026-01-31T12:00:00Z'
        : issue.message
    default:
      return issue.message
  }
}

function unitOf(origin: string, count: number | bigint): string {
  const ending = Number(count) === 1 ? '' : 's'
  if (origin === 'string') return ` character${ending}`
  return origin === 'array' || origin === 'set' ? ` item${ending}` : ''
}

function article(word: string): string {
  return /^[aeiou]/.test(word) ? 'an' : 'a'
}

/** The value at a path; undefined where there is none. */
export function at(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Object.getOwnPropertyDescriptor(value, key)?.value
  }
  return value
}
