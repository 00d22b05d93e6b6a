import type { ValidationProblem } from '../errors/cause.js'
import { notAModel, refuseModel } from './draft.js'

/** Trees of decisions go deep, and whoever reads them back goes down them by recursion. */
const DEEPEST = 256

/** Enough to see what is wrong, in a value of millions. */
const MOST_PROBLEMS = 20

/**
 * The value as JSON (RFC 8259) in UTF-8. What JSON.stringify would drop or change in silence is refused: undefined,
 * functions, NaN, class instances.
 *
 * @throws ModelValidationError that names the places in the value, below `name`.
 */
export function jsonBytes(value: unknown, name = ''): Uint8Array {
  const walk: Walk = { path: name === '' ? [] : [name], above: new Set(), problems: [] }
  check(value, walk)
  refuseModel(walk.problems)
  return new TextEncoder().encode(stringify(value, name))
}

/** For a value that some library vouches for. @throws ModelValidationError when its text is too long. */
export function stringify(value: unknown, name: string): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    const found = error instanceof RangeError ? 'a value whose text is too long for one string' : 'no JSON'
    refuseModel([notAModel(name, found, 'JSON; give what is larger as bytes or a stream')], error)
    throw error
  }
}

interface Walk {
  readonly path: (string | number)[]
  /** The objects that hold the value at hand. */
  readonly above: Set<object>
  readonly problems: ValidationProblem[]
}

function check(value: unknown, walk: Walk): void {
  const found = typeof value === 'object' ? objectProblem(value, walk) : scalarProblem(value)
  if (found !== undefined) walk.problems.push(notAModel(walk.path.join('.'), found, 'a JSON value'))
  else if (typeof value === 'object' && value !== null) checkItems(value, walk)
}

function checkItems(value: object, walk: Walk): void {
  walk.above.add(value)
  // Entries of an array by index: a hole counts as undefined.
  for (const [key, item] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
    if (walk.problems.length >= MOST_PROBLEMS) break
    walk.path.push(key)
    check(item, walk)
    walk.path.pop()
  }
  walk.above.delete(value)
}

function scalarProblem(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined
    case 'number':
      return Number.isFinite(value) ? undefined : String(value)
    case 'undefined':
      return 'undefined'
    default:
      return `a ${typeof value}`
  }
}

function objectProblem(value: object | null, { above }: Walk): string | undefined {
  if (value === null) return undefined
  if (above.has(value)) return 'a reference back to a value that holds it'
  if (above.size >= DEEPEST) return `more than ${DEEPEST} levels`
  if (Array.isArray(value) || isPlain(value)) return undefined
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  return tag === 'Object' ? 'an instance of a class' : `a ${tag}`
}

/** Of any realm: its prototype is null, or is the last of its chain. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
