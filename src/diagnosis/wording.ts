import { lastWord, wordsOf } from './read/phrase.js'
import { readWords } from './read/words.js'

/** Whether a message has the phrase in it, by the same reading as that of pasted texts. */
export function says(message: string, phrase: string): boolean {
  const hashes = readWords(message, (hash) => hash)
  const wanted = wordsOf(phrase, (hash) => hash)
  for (let at = 0; at < hashes.count; at++)
    if (hashes.ids[at] === wanted.words[0] && lastWord(message, hashes, at, wanted) >= 0) return true
  return false
}
