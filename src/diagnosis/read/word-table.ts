import type { Lexicon } from './words.js'

/** Four times as many places as there are words, so that a search ends after one or two. */
const PLACES = 1 << 15

/**
 * The known words by the hash of their letters, with ids from 1. Two words with one hash get one id; of a few thousand
 * words among four thousand million hashes that is no worry, and codes are compared letter by letter all the same.
 */
export class WordTable {
  readonly #hashes = new Int32Array(PLACES)
  readonly #ids = new Int32Array(PLACES)
  #count = 0

  readonly idOf: Lexicon = (hash) => this.#ids[this.#place(hash)] ?? 0

  /** The id of the word, which is known from then on. */
  readonly learn: Lexicon = (hash) => {
    const place = this.#place(hash)
    const known = this.#ids[place] ?? 0
    if (known !== 0) return known
    this.#count++
    if (this.#count > PLACES / 2) throw new RangeError('The vocabulary has outgrown its table.')
    this.#hashes[place] = hash
    this.#ids[place] = this.#count
    return this.#count
  }

  #place(hash: number): number {
    let place = (hash ^ (hash >>> 15)) & (PLACES - 1)
    while (this.#ids[place] !== 0 && this.#hashes[place] !== hash) place = (place + 1) & (PLACES - 1)
    return place
  }
}
