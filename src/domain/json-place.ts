const SPACE = /[ \t\n\r]*/y
/** A number, a word or a mark: RFC 8259, sections 2, 3 and 6. */
const TOKEN = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/y
/** RFC 8259, section 7. */
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end' | 'nothing'

/**
 * Where a text that is no JSON stops being it, for people: `line 3, column 7`. Engines say so in messages that quote the
 * text around it, and what stands there may be a password.
 */
export function placeOfOddity(text: string): string {
  const lines = text.slice(0, oddity(text)).split('\n')
  return `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`
}

function oddity(text: string): number {
  const open: ('{' | '[')[] = []
  let expected: Expected = 'value'
  const afterValue = (): Expected => (open.length === 0 ? 'nothing' : 'comma or end')
  for (let at = endOf(SPACE, text, 0) ?? 0; ; ) {
    const end = text[at] === '"' ? endOfString(text, at) : endOf(TOKEN, text, at)
    const next = end === undefined ? undefined : after(text.charAt(at))
    if (end === undefined || next === undefined) return at
    expected = next
    at = endOf(SPACE, text, end) ?? end
  }

  /** What may follow a token, by how it begins; undefined where it may not stand. */
  function after(token: string): Expected | undefined {
    const takesValue = expected === 'value' || expected === 'value or end'
    switch (token) {
      case '"':
        if (expected === 'key' || expected === 'key or end') return 'colon'
        return takesValue ? afterValue() : undefined
      case '{':
      case '[':
        if (!takesValue) return undefined
        open.push(token)
        return token === '{' ? 'key or end' : 'value or end'
      case ':':
        return expected === 'colon' ? 'value' : undefined
      case ',':
        if (expected !== 'comma or end') return undefined
        return open.at(-1) === '{' ? 'key' : 'value'
      case '}':
      case ']': {
        const mayEnd =
          expected === 'comma or end' || expected === (token === '}' ? 'key or end' : 'value or end')
        if (!mayEnd || open.pop() !== (token === '}' ? '{' : '[')) return undefined
        return afterValue()
      }
      default:
        return takesValue ? afterValue() : undefined
    }
  }
}

function endOf(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}

/** By hand, since a pattern ends the stack at a string of some megabytes. */
function endOfString(text: string, start: number): number | undefined {
  let at = start + 1
  while (at < text.length) {
    if (text[at] === '"') return at + 1
    if (text.charCodeAt(at) < 0x20) return undefined
    const next = text[at] === '\\' ? endOf(ESCAPE, text, at) : at + 1
    if (next === undefined) return undefined
    at = next
  }
  return undefined
}
