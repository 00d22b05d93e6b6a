import { editDistance } from '../../domain/nearest.js'
import type { Document } from './terms.js'

/** What a word counts that is only the beginning of one, or one with a typing error. */
const PREFIX = 0.7
const TYPO = 0.5

/** Shorter words begin too many others, and have too many neighbours to be guessed at. */
const SHORTEST_PREFIX = 3
const SHORTEST_GUESS = 4

interface Term<Key> {
  readonly text: string
  /** Which letters it has, one bit for each of 32 classes. */
  readonly letters: number
  readonly posting: Map<Key, number>
}

/** Finds documents by one word at a time. */
export class TermIndex<Key> {
  readonly #terms = new Map<string, Term<Key>>()
  readonly #byLength: Term<Key>[][] = []

  constructor(documents: Iterable<readonly [Key, Document]>) {
    for (const [key, { terms }] of documents)
      for (const [text, weight] of terms) this.#termOf(text).posting.set(key, weight)
  }

  #termOf(text: string): Term<Key> {
    const known = this.#terms.get(text)
    if (known !== undefined) return known
    const term = { text, letters: lettersOf(text), posting: new Map<Key, number>() }
    this.#terms.set(text, term)
    this.#byLength[text.length] ??= []
    this.#byLength[text.length]?.push(term)
    return term
  }

  /** How well each document fits the word: as it stands, as a beginning, or else with a typing error. */
  find(word: string): ReadonlyMap<Key, number> {
    const found = new Map<Key, number>()
    const exact = this.#terms.get(word)
    if (exact !== undefined) add(found, exact.posting, 1)
    if (word.length >= SHORTEST_PREFIX)
      for (const { text, posting } of this.#terms.values())
        if (text.length > word.length && text.startsWith(word))
          add(found, posting, PREFIX * (0.5 + word.length / text.length / 2))
    if (found.size === 0 && word.length >= SHORTEST_GUESS) this.#guess(word, found)
    return found
  }

  #guess(word: string, found: Map<Key, number>): void {
    const most = word.length < 8 ? 1 : 2
    const letters = lettersOf(word)
    for (let length = Math.max(SHORTEST_GUESS, word.length - most); length <= word.length + most; length++)
      for (const term of this.#byLength[length] ?? []) {
        // An edit brings in one letter and takes out one at most, so that words with other letters need no closer look.
        if (bitsOf(term.letters ^ letters) > 2 * most) continue
        const distance = editDistance(word, term.text)
        if (distance <= most) add(found, term.posting, TYPO / distance)
      }
  }
}

function add<Key>(found: Map<Key, number>, posting: ReadonlyMap<Key, number>, share: number): void {
  for (const [key, weight] of posting) found.set(key, Math.max(found.get(key) ?? 0, weight * share))
}

function lettersOf(word: string): number {
  let letters = 0
  for (let at = 0; at < word.length; at++) letters |= 1 << (word.charCodeAt(at) & 31)
  return letters
}

function bitsOf(number: number): number {
  let count = 0
  for (let rest = number; rest !== 0; rest &= rest - 1) count++
  return count
}
