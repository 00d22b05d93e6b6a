/** First byte, and the one after the last. */
export interface Part {
  readonly start: number
  readonly end: number
}

const RANGE = /^bytes=\s*(\d*)-(\d*)\s*$/i

/**
 * What a `Range` field asks for (RFC 9110, section 14).
 *
 * - `'whole'` without a range, for another unit, a malformed field, and several ranges at once: "a server MAY ignore the
 *   Range header field" (14.2), and a part list helps no reader of a model.
 * - `'unsatisfiable'` when it starts past the end (15.5.17); also any range of an empty file.
 */
export function partOf(field: string | undefined, size: number): Part | 'whole' | 'unsatisfiable' {
  const [, first, last] = RANGE.exec(field ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return 'whole'
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return 'whole'
  if (start >= size) return 'unsatisfiable'
  return { start, end: last === '' ? size : Math.min(Number(last) + 1, size) }
}

/** The first byte that an unsatisfiable field asks for; past the end, as a range of no bytes is, where it names none. */
export function firstAskedFor(field: string | undefined, size: number): number {
  const [, first = ''] = RANGE.exec(field ?? '') ?? []
  return first === '' ? size : Number(first)
}
