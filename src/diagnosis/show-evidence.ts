import type { EvidenceShown } from './diagnosis.js'
import { mask } from './mask.js'
import type { Candidate } from './rank.js'
import type { Fact } from './read/facts.js'

/** More would hide what counts. */
const MOST = 6
/** A phrase with a gap can be long; what was found at its start tells enough. */
const LONGEST = 240

/** The facts behind a candidate, each once, strongest first. */
export function showEvidence(candidate: Candidate, text: string): EvidenceShown[] {
  const facts = new Map<string, Fact>()
  for (const proof of candidate.proofs)
    for (const fact of proof.facts) facts.set(`${fact.start} ${fact.key}`, fact)
  const shown: EvidenceShown[] = []
  for (const { key, start, end } of facts.values()) {
    if (shown.length === MOST) break
    if (shown.some((other) => other.start <= start && end <= other.end)) continue
    shown.push({
      text: mask(text.slice(start, Math.min(end, start + LONGEST))),
      start,
      end,
      means: meaningOf(key),
    })
  }
  return shown
}

/** What a fact says, in words that go on from "because the text has …". */
function meaningOf(key: string): string {
  const colon = key.indexOf(':')
  const value = key.slice(colon + 1)
  switch (key.slice(0, colon)) {
    case 'errno':
      return `the system error ${value}`
    case 'sqlstate':
      return value.length === 2 ? `a SQLSTATE of class ${value}` : `the SQLSTATE ${value}`
    case 'sqlite':
      return `the SQLite result code ${value}`
    case 'sdk':
      return `the error name ${value}`
    case 'pgrst':
      return `the PostgREST code ${value}`
    case 'status':
      return `the HTTP status ${value}`
    case 'operation':
      return `the call ${value}`
    case 'registry-code':
      return `the code ${value} of the registry`
    case 'registry':
      return `the cause ${value}, as the registry itself names it`
    default:
      return 'these words'
  }
}
