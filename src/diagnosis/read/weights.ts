import type { Standing } from './facts.js'
import type { Meaning } from './vocabulary.js'

/** What a code proves where nothing else is known; `common` are those that many programs use. */
export function codeWeight(meaning: Extract<Meaning, { is: 'code' }>, standing: Standing): number {
  const structured = standing === 'field' || standing === 'head'
  switch (meaning.key.slice(0, meaning.key.indexOf(':'))) {
    case 'pgrst':
      return 0.95
    case 'sqlite':
      return 0.9
    case 'sqlstate':
      if (meaning.common && /^\d/.test(meaning.spelling))
        return standing === 'field' ? 0.9 : standing === 'bracketed' ? 0.6 : 0
      if (meaning.common) return 0.25
      return structured ? 0.92 : 0.6
    case 'errno':
      if (meaning.common) return structured ? 0.3 : 0.25
      return structured ? 0.6 : 0.55
    default:
      if (meaning.common) return standing === 'field' ? 0.5 : standing === 'head' ? 0.45 : 0.25
      return structured ? 0.92 : 0.75
  }
}

/** Phrases of several words say more than short ones, which people also write of other things. */
export function wordingWeight({ key, common }: Extract<Meaning, { is: 'wording' }>): number {
  if (common) return 0.3
  const phrase = key.slice('wording:'.length)
  const words = phrase.split(/[\s…]+/).length
  if (words >= 4 || phrase.length >= 26) return 0.75
  if (words >= 3 || phrase.length >= 20) return 0.65
  return phrase.length >= 12 ? 0.52 : 0.3
}
