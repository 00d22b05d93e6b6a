/** How far apart the fragments of one phrase may stand: names and addresses of any usual length lie between them. */
const REACH = 160

/** Where a phrase stands in a text that is in lower case. Its fragments follow each other where it has an ellipsis. */
export function findPhrase(
  lower: string,
  phrase: string,
  from: number,
): { start: number; end: number } | undefined {
  const [first = '', ...rest] = phrase.toLowerCase().split('…')
  const start = lower.indexOf(first, from)
  if (start < 0) return undefined
  let end = start + first.length
  for (const fragment of rest) {
    const next = lower.slice(end, end + REACH + fragment.length).indexOf(fragment)
    if (next < 0) return undefined
    end += next + fragment.length
  }
  return { start, end }
}

/** Whether the phrase stands anywhere in the text, which is in lower case. */
export function says(lower: string, phrase: string): boolean {
  return findPhrase(lower, phrase, 0) !== undefined
}
