import { catalog } from '../../errors/catalog.js'
import type { Cause, Evidence } from '../../errors/cause.js'
import { type ErrorCode, errorCodes } from '../../errors/entry.js'
import { foreignCodesOf } from '../../errors/pages/foreign-codes.js'

/** How much a word of each part counts. A code of another system is what people paste; less where it takes more to prove. */
const weights = {
  foreignCode: 10,
  sharedCode: 5,
  name: 4,
  title: 3,
  codePart: 2,
  wording: 1.5,
  prose: 1,
} as const

/** What can be found: a code or a cause, by its words, each with its weight. */
export interface Document {
  readonly terms: ReadonlyMap<string, number>
}

/**
 * The words of a text in lower case: whole (`s3_upload_failed`, `econnrefused`), and the parts that case, digits and
 * signs make of them (`s3`, `upload`, `failed`).
 */
function termsOf(text: string): string[] {
  const words = text.split(/[^\p{L}\p{N}_$]+/u).filter(Boolean)
  return words.flatMap((word) => {
    const parts = word.replaceAll(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '_').split('_')
    const whole = word.toLowerCase()
    return parts.length > 1 ? [whole, ...parts.filter(Boolean).map((part) => part.toLowerCase())] : [whole]
  })
}

export function documentOfCode(code: ErrorCode): Document {
  const { className, title, description, category, troubleshooting } = catalog[code]
  return documentOf([
    [weights.name, [code, className]],
    [weights.title, [title, category]],
    [weights.prose, [description, ...troubleshooting.map(({ text }) => text)]],
  ])
}

export function documentOfCause(cause: Cause): Document {
  const codes = foreignCodesOf(cause).flatMap((one) => one.codes)
  const own = new Set(codesThatProve(cause.evidence))
  return documentOf([
    [weights.codePart, codes],
    [weights.sharedCode, codes.map(whole)],
    [weights.foreignCode, codes.filter((code) => own.has(code)).map(whole)],
    [weights.name, [cause.id]],
    [weights.title, [cause.title]],
    [weights.wording, phrasesOf(cause.evidence)],
    [weights.prose, [cause.because({}), ...cause.steps({}).map(({ text }) => text)]],
  ])
}

/** A code as one word, whatever its case. */
const whole = (code: string) => code.toLowerCase()

/** Codes that need nothing beside them. */
function codesThatProve(evidence: Evidence): string[] {
  switch (evidence.is) {
    case 'any-of':
      return evidence.of.flatMap(codesThatProve)
    case 'errno':
    case 'sdk':
    case 'sqlstate':
    case 'pgrst':
    case 'sqlite':
      return evidence.codes.map(String)
    default:
      return evidence.is === 'status' ? [String(evidence.status)] : []
  }
}

function documentOf(parts: readonly (readonly [weight: number, texts: readonly string[]])[]): Document {
  const terms = new Map<string, number>()
  for (const [weight, texts] of parts)
    for (const text of texts)
      for (const term of termsOf(text)) terms.set(term, Math.max(weight, terms.get(term) ?? 0))
  return { terms }
}

function phrasesOf(evidence: Evidence): string[] {
  if (evidence.is === 'wording') return Object.values(evidence.phrases).flat()
  return evidence.is === 'any-of' || evidence.is === 'all-of' ? evidence.of.flatMap(phrasesOf) : []
}

/** Every code with the causes that lead to it. */
export function* pairs(): Generator<readonly [code: ErrorCode, cause: Cause]> {
  for (const code of errorCodes) for (const cause of catalog[code].causes) yield [code, cause]
}
