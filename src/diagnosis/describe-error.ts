/** Deeper chains and wider objects tell nothing more. */
const DEEPEST = 6
const MOST_FIELDS = 40
const MOST_ITEMS = 16
const MOST_FRAMES = 12
const LONGEST_VALUE = 4096
const LONGEST = 64 * 1024

/**
 * An error as text, in the form in which Node prints one: its name and message, its fields, and under each other what
 * caused it, the members of an AggregateError, and the answer that a client keeps. Getters that throw, cycles and
 * endless chains are left out. `diagnose` reads this text, and the places in its answer are those of this text.
 */
export function describeError(error: unknown): string {
  const lines: string[] = []
  describe(error, '', 0, new Set(), lines)
  return lines.join('\n').slice(0, LONGEST)
}

function describe(value: unknown, indent: string, depth: number, seen: Set<object>, lines: string[]): void {
  if (typeof value !== 'object' || value === null) {
    lines.push(`${indent}${shown(value)}`)
    return
  }
  if (seen.has(value) || depth > DEEPEST || lines.length > 1000) return
  seen.add(value)
  if (isErrorLike(value)) lines.push(`${indent}${headOf(value)}`)
  for (const [name, item] of fieldsOf(value)) {
    if (typeof item !== 'object' || item === null) {
      if (typeof item !== 'function') lines.push(`${indent}  ${name}: ${shown(item)}`)
    } else if (Array.isArray(item)) {
      describeList(name, item, indent, depth, seen, lines)
    } else {
      lines.push(`${indent}  ${name === 'cause' ? '[cause]' : name}: {`)
      describe(item, `${indent}    `, depth + 1, seen, lines)
      lines.push(`${indent}  }`)
    }
  }
}

function describeList(
  name: string,
  items: readonly unknown[],
  indent: string,
  depth: number,
  seen: Set<object>,
  lines: string[],
): void {
  const first = items.slice(0, MOST_ITEMS)
  if (first.every((one) => typeof one !== 'object')) {
    lines.push(`${indent}  ${name}: [ ${first.map(shown).join(', ')} ]`)
    return
  }
  lines.push(`${indent}  ${name}: [`)
  for (const one of first) {
    lines.push(`${indent}    {`)
    describe(one, `${indent}      `, depth + 1, seen, lines)
    lines.push(`${indent}    }`)
  }
}

function isErrorLike(value: object): boolean {
  return (
    value instanceof Error || Object.prototype.toString.call(value) === '[object Error]' || 'stack' in value
  )
}

/** `Name: message` and the frames under it. */
function headOf(value: object): string {
  const [name, message, stack] = [read(value, 'name'), read(value, 'message'), read(value, 'stack')]
  const frames = typeof stack === 'string' ? stack.split('\n').filter((line) => /^\s+at /.test(line)) : []
  return [
    `${String(name ?? 'Error')}: ${shorten(String(message ?? ''))}`,
    ...frames.slice(0, MOST_FRAMES).map(shorten),
  ].join('\n')
}

/** What an error says of itself beside its message, also where it is hidden from `Object.keys`. */
const HIDDEN = [
  'cause',
  'errors',
  'code',
  'errno',
  'Code',
  '$metadata',
  '$response',
  'reason',
  'issues',
  'originalError',
]
const SKIPPED = new Set([
  'stack',
  'message',
  'name',
  'socket',
  'cert',
  'raw',
  'rawPacket',
  'body',
  'request',
  'config',
  'agent',
])

function* fieldsOf(value: object): Generator<[string, unknown]> {
  const names = new Set([...safeKeys(value), ...HIDDEN])
  let count = 0
  for (const name of names) {
    if (SKIPPED.has(name) && isErrorLike(value)) continue
    const item = read(value, name)
    if (item === undefined || item === null) continue
    yield [name, item]
    if (++count >= MOST_FIELDS) return
  }
}

function safeKeys(value: object): string[] {
  try {
    return Object.keys(value)
  } catch {
    // A proxy may refuse to be listed.
    return []
  }
}

function read(value: object, name: string): unknown {
  try {
    return Reflect.get(value, name)
  } catch {
    // A getter may throw; what it would have said is not known then.
    return undefined
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${shorten(value)}'` : shorten(String(value))
}

function shorten(text: string): string {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text
}
