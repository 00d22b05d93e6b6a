import { type Lexicon, readWords, type Words } from './words.js'

/** How many words may stand where a phrase has an ellipsis: names and addresses of any usual length. */
const GAP = 16
/** How many may stand between quotation marks, where a name is meant. */
const QUOTED = 6

/** What stands before a word of a phrase: nothing, any words, or a name between quotation marks. */
type Gap = 'none' | 'any' | 'quoted'

export interface WordPattern {
  readonly words: readonly number[]
  readonly gaps: readonly Gap[]
}

/** Reads a phrase with the same eyes as a text. */
export function wordsOf(phrase: string, lexicon: Lexicon): WordPattern {
  const words: number[] = []
  const gaps: Gap[] = []
  const fragments = phrase.split('…')
  for (const [index, fragment] of fragments.entries()) {
    const read = readWords(fragment, lexicon)
    for (let at = 0; at < read.count; at++) {
      const gap = index === 0 || at > 0 ? 'none' : isQuote(fragments[index - 1]?.at(-1)) ? 'quoted' : 'any'
      gaps.push(gap)
      words.push(read.ids[at] ?? 0)
    }
  }
  return { words, gaps }
}

/** Where the phrase ends whose first word stands at `first`; -1 when the others do not follow. */
export function lastWord(text: string, words: Words, first: number, pattern: WordPattern): number {
  let at = first
  for (let index = 1; index < pattern.words.length; index++) {
    const gap = pattern.gaps[index] ?? 'none'
    if (gap === 'quoted' && !opensQuote(text, words, at)) return -1
    const most = gap === 'none' ? 0 : gap === 'any' ? GAP : QUOTED
    const furthest = Math.min(words.count - 1, at + 1 + most)
    // An ellipsis stands for at least one word.
    let next = gap === 'none' ? at + 1 : at + 2
    while (next <= furthest && words.ids[next] !== pattern.words[index]) next++
    if (next > furthest) return -1
    at = next
  }
  return at
}

function opensQuote(text: string, words: Words, at: number): boolean {
  const [from = 0, to = 0] = [words.ends[at], words.starts[at + 1]]
  for (let place = from; place < to && place < from + 8; place++) if (isQuote(text[place])) return true
  return false
}

/** Of any language in which servers speak. */
function isQuote(letter: string | undefined): boolean {
  return letter !== undefined && /["'`«»„“”‘’]/.test(letter)
}
