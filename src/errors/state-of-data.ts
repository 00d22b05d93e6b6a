import type { Outcome } from './entry.js'

/** The sentence for each outcome; `unknown` reads the same for every code. */
export function stateOfData(outcome: Outcome, sentences: { nothing: string; done: string }): string {
  switch (outcome) {
    case 'not-applied':
      return sentences.nothing
    case 'applied':
      return sentences.done
    case 'unknown':
      return 'It is not known whether it took effect: read the state back before making the call again.'
  }
}
