import type { ValidationProblem } from '../errors/cause.js'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import { placeOfOddity } from './json-place.js'
import { endOfString, parseJson } from './parse-json.js'
import { atMost } from './problems.js'
import { found } from './refuse.js'

/**
 * Parses a JSON text that a person wrote. A key given twice is refused: `JSON.parse` would keep the last one in silence.
 *
 * @param name - what the text is, for the error: a path, such as `modelry.config.json`.
 * @throws ModelValidationError with every key that is given twice, or with the place where the text is not JSON.
 */
export function parseUniqueJson(text: string, name: string): unknown {
  let value: unknown
  try {
    value = parseJson(text)
  } catch {
    // Without the engine's error as its cause: that quotes the text, which may hold a password.
    throw new ModelValidationError({ operation: name, validationErrors: [notJson(placeOfOddity(text))] })
  }
  if (membersIn(text) === membersOf(value)) return value
  const validationErrors = atMost(repeatedKeys(text).map((path) => () => repeated(path)))
  throw new ModelValidationError({ operation: name, validationErrors })
}

/**
 * How many members the objects of `text`, which has passed `JSON.parse`, have; the value has as many only where no key is
 * there twice. To count both is less work than to look at the keys.
 */
function membersIn(text: string): number {
  let members = 0
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === COLON) members += 1
    else if (char === QUOTE) i = endOfString(text, i)
  }
  return members
}

const COLON = 0x3a
const QUOTE = 0x22

/** Without recursion: a text may be a million levels deep. */
function membersOf(value: unknown): number {
  let members = 0
  const left: unknown[] = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next !== 'object' || next === null) continue
    const items = Object.values(next)
    if (!Array.isArray(next)) members += items.length
    for (const item of items) if (typeof item === 'object') left.push(item)
  }
  return members
}

/**
 * The paths of keys that an object of `text` has more than once.
 *
 * The text has passed `JSON.parse`, so that strings and brackets are all there is to tell apart; a JSON library with
 * positions would be a dependency of every command for these few lines.
 */
function repeatedKeys(text: string): string[] {
  const repeatedPaths: string[] = []
  const open: { readonly keys: Set<string> | undefined; name: string; items: number }[] = []
  let previous = ''
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/gs)) {
    const inner = open.at(-1)
    if (token === '{') open.push({ keys: new Set(), name: '', items: 0 })
    else if (token === '[') open.push({ keys: undefined, name: '0', items: 0 })
    else if (token === '}' || token === ']') open.pop()
    else if (token === ',' && inner !== undefined && inner.keys === undefined)
      inner.name = String(++inner.items)
    else if (token === ':' && inner?.keys !== undefined) {
      // Escapes make `"\u0061"` and `"a"` the same key.
      inner.name = previous.includes('\\') ? String(JSON.parse(previous)) : previous.slice(1, -1)
      if (inner.keys.has(inner.name)) repeatedPaths.push(open.map(({ name }) => name).join('.'))
      inner.keys.add(inner.name)
    }
    previous = token
  }
  return [...new Set(repeatedPaths)]
}

function repeated(path: string): ValidationProblem {
  return {
    path,
    found: 'the key more than once',
    allowed: 'each key once',
    message: `the key ${found(path)} is given more than once, and only the last value would count`,
  }
}

function notJson(place: string): ValidationProblem {
  return {
    path: '',
    found: 'text that is not JSON',
    allowed: 'JSON',
    message: `it is not JSON: something else stands, or something is missing, at ${place}`,
  }
}
