/** How much text one record can hold: a stack with its causes. */
const LONGEST_RECORD = 6000

/** A line that begins a record of a log: a date or a time near its start, or an object of JSON. */
const BEGINNING =
  /^(?:.{0,48}?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|.{0,24}?\d\d:\d\d:\d\d|\s?\{"(?:level|time|timestamp|severity|ts|msg|message)")/

/** Whether two places of a text belong to one record, with `from` before `to`. */
export function sameRecord(text: string, from: number, to: number): boolean {
  if (to - from > LONGEST_RECORD) return false
  for (let end = text.indexOf('\n', from); end >= 0 && end < to; end = text.indexOf('\n', end + 1))
    if (BEGINNING.test(text.slice(end + 1, end + 80))) return false
  return true
}
