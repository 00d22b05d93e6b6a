/**
 * The words of a text with their places, found in one pass. Whatever is no letter, digit, `_` or `$` parts words, and so
 * do colour codes and the escapes of JSON strings, so that one reading serves for a terminal's output, a log of JSON
 * lines and XML alike.
 */
export interface Words {
  readonly count: number
  /** What the vocabulary calls the word; 0 for one that it does not know. */
  readonly ids: Int32Array
  readonly starts: Int32Array
  readonly ends: Int32Array
}

/** Gives the id of a word by the hash of its letters in lower case; 0 for a word that it does not know. */
export type Lexicon = (hash: number) => number

const ESCAPE = 0x1b
const BACKSLASH = 0x5c

/** A word longer than this is an encoded value. */
const LONGEST_WORD = 64

/** @param from - where to begin, and `to` where to end: the places are those of the whole text. */
export function readWords(text: string, lexicon: Lexicon, from = 0, to = text.length): Words {
  const most = ((to - from) >> 1) + 1
  const ids = new Int32Array(most)
  const starts = new Int32Array(most)
  const ends = new Int32Array(most)
  let count = 0
  let at = from
  while (at < to) {
    const code = text.charCodeAt(at)
    const lower = lowerOfWord(code)
    if (lower === 0) {
      at = code === ESCAPE || code === BACKSLASH ? afterEscape(text, at) : at + 1
      continue
    }
    const start = at
    let hash = 0
    for (let letter = lower; letter !== 0; letter = at < to ? lowerOfWord(text.charCodeAt(at)) : 0) {
      hash = (Math.imul(hash, 31) + letter) | 0
      at++
    }
    starts[count] = start
    ends[count] = at
    ids[count] = at - start <= LONGEST_WORD ? lexicon(hash) : 0
    count++
  }
  return { count, ids, starts, ends }
}

/** The code of the letter in lower case; 0 for what parts words. */
function lowerOfWord(code: number): number {
  if (code < 0x80) {
    if (code >= 0x61 && code <= 0x7a) return code
    if (code >= 0x41 && code <= 0x5a) return code + 32
    return (code >= 0x30 && code <= 0x39) || code === 0x5f || code === 0x24 ? code : 0
  }
  if (code >= 0xc0 && code < 0x250)
    return code <= 0xde && code !== 0xd7 ? code + 32 : code === 0xf7 ? 0 : code
  // Greek and Cyrillic; scripts without spaces part words, so that codes among them stand alone.
  if (code >= 0x410 && code <= 0x42f) return code + 32
  return code >= 0x370 && code < 0x530 ? code : 0
}

/** Past a colour code (ESC [ … letter), its form in a JSON string, or an escaped line end, tab or quote. */
function afterEscape(text: string, at: number): number {
  if (text.charCodeAt(at) === ESCAPE) return text[at + 1] === '[' ? afterColour(text, at + 2) : at + 1
  const next = text[at + 1]
  if (next === 'u' && text.startsWith('001b[', at + 2)) return afterColour(text, at + 7)
  return next === 'n' || next === 'r' || next === 't' ? at + 2 : at + 1
}

function afterColour(text: string, at: number): number {
  let end = at
  while (end < at + 16 && /[0-9;?]/.test(text.charAt(end))) end++
  return /[A-Za-z]/.test(text.charAt(end)) ? end + 1 : at
}
