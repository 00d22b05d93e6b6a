import { type Lexicon, readWords, type Words } from './words.js'

/** How many words may stand where a phrase has an ellipsis: names and addresses of any usual length. */
const GAP = 24

/** Words in order; before each, how many others may stand: none, or some where the phrase has an ellipsis. */
export interface WordPattern {
  readonly words: readonly number[]
  readonly gaps: readonly number[]
}

/** Reads a phrase with the same eyes as a text. */
export function wordsOf(phrase: string, lexicon: Lexicon): WordPattern {
  const words: number[] = []
  const gaps: number[] = []
  for (const [index, fragment] of phrase.split('…').entries()) {
    const read = readWords(fragment, lexicon)
    for (let at = 0; at < read.count; at++) {
      gaps.push(index > 0 && at === 0 ? GAP : 0)
      words.push(read.ids[at] ?? 0)
    }
  }
  return { words, gaps }
}

/** Where the phrase ends whose first word stands at `first`; -1 when the others do not follow. */
export function lastWord(words: Words, first: number, { words: wanted, gaps }: WordPattern): number {
  let at = first
  for (let index = 1; index < wanted.length; index++) {
    const gap = gaps[index] ?? 0
    const furthest = Math.min(words.count - 1, at + 1 + gap)
    // An ellipsis stands for at least one word.
    let next = gap > 0 ? at + 2 : at + 1
    while (next <= furthest && words.ids[next] !== wanted[index]) next++
    if (next > furthest) return -1
    at = next
  }
  return at
}
