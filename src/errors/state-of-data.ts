import type { ErrorContext } from './cause.js'
import { quote } from './causes/place.js'
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

/** Where what was sent of a save stays in the store for the same save to go on with: `keptAt` names it. */
export function noteOnKept({ keptAt }: ErrorContext): string {
  if (typeof keptAt !== 'string') return ''
  return ` What was sent is kept: the same call goes on from there, and modelry uploads abort ${quote(keptAt)} ends it.`
}
