/**
 * The text with control characters made visible, so that a description or a tag of somebody else's cannot move the
 * cursor or change what a terminal shows.
 */
export function shown(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character === '\n' ? ' ' : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  )
}

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** Bytes with a decimal unit: `0 B`, `1.2 kB`, `340 MB`. */
export function size(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** `2026-01-31T12:00:00Z`: to the second. */
export function time(iso: string): string {
  return iso.replace(/\.\d+(?=Z$)/, '')
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

/**
 * Breaks prose at spaces; a word longer than the width keeps its line.
 *
 * @param indents - before the first line and before the others; one for all when there is one.
 */
export function wrapped(
  text: string,
  width: number,
  ...indents: readonly [first?: string, rest?: string]
): string {
  const [first = '', rest = first] = indents
  const lines: string[] = []
  let line = first
  let words = 0
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (words > 0 && line.length + 1 + word.length > width) {
      lines.push(line)
      line = rest
      words = 0
    }
    line += words === 0 ? word : ` ${word}`
    words++
  }
  return [...lines, ...(words > 0 ? [line] : [])].join('\n')
}

/** Keeps the start and the end of what is too long, since both tell addresses and names apart. */
export function shortened(text: string, width: number): string {
  const characters = [...text]
  if (characters.length <= width) return text
  const head = Math.ceil((width - 1) / 2)
  return `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (width - 1 - head)).join('')}`
}
