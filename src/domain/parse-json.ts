import type { Json } from './json.js'

const BACKSLASH = 0x5c
const SPACE = /[ \t\r\n]/

/**
 * `JSON.parse`, which in V8 from 12.8 on gives a key that is written with an escape the name of another key, one with a
 * backslash, where an object of the same shape was parsed before: https://github.com/nodejs/node/issues/63785. Such keys
 * are written without their escapes first.
 *
 * @throws SyntaxError
 */
export function parseJson(text: string): Json {
  const value: Json = JSON.parse(text)
  if (!text.includes('\\')) return value
  const names: string[] = []
  let mark = '\uE000'
  while (text.includes(mark)) mark += '\uE000'
  const plain = withPlainKeys(text, (key) => {
    const name: string = JSON.parse(key)
    const again = JSON.stringify(name)
    // A name with a quote has no other way to be written: another stands in for it until all is parsed.
    return again.includes('\\') || name.includes(mark) ? `"${mark}${names.push(name) - 1}"` : again
  })
  if (names.length === 0) return plain === text ? value : JSON.parse(plain)
  return JSON.parse(plain, (_, item: unknown) => withNames(item, mark, names))
}

/** @param write - how a key that is written with an escape, quotes included, is to be written. */
function withPlainKeys(text: string, write: (key: string) => string): string {
  let plain = ''
  let from = 0
  for (let start = text.indexOf('"'); start >= 0; ) {
    const end = endOfString(text, start)
    if (isKey(text, end)) {
      const key = text.slice(start, end + 1)
      if (key.includes('\\')) {
        plain += text.slice(from, start) + write(key)
        from = end + 1
      }
    }
    start = text.indexOf('"', end + 1)
  }
  return plain + text.slice(from)
}

/** @param start - where its quote is. @returns where the other one is. */
export function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1
  return backslashes % 2 === 1
}

function isKey(text: string, end: number): boolean {
  let after = end + 1
  while (SPACE.test(text.charAt(after))) after += 1
  return text.charAt(after) === ':'
}

function withNames(item: unknown, mark: string, names: readonly string[]): unknown {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
  const entries = Object.entries(item)
  if (!entries.some(([key]) => key.startsWith(mark))) return item
  const nameOf = (key: string) => (key.startsWith(mark) ? names[Number(key.slice(mark.length))] : undefined)
  return Object.fromEntries(entries.map(([key, value]) => [nameOf(key) ?? key, value]))
}
