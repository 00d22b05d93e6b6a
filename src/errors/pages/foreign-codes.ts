import { causesById } from '../catalog.js'
import type { Cause, Evidence } from '../cause.js'

/** The codes of one system by which a cause is known. */
export interface ForeignCodes {
  readonly of: string
  readonly codes: readonly string[]
}

/** What Node, SQLite, Postgres, PostgREST, S3 clients and HTTP call a cause, without the wording of messages. */
export function foreignCodesOf(cause: Cause): readonly ForeignCodes[] {
  const found = new Map<string, Set<string>>()
  for (const { of, codes } of codesIn(cause.evidence)) {
    const known = found.get(of) ?? new Set()
    for (const code of codes) known.add(code)
    found.set(of, known)
  }
  return [...found].map(([of, codes]) => ({ of, codes: [...codes] }))
}

/** The causes that a code of another system proves by itself or helps to prove. Case does not matter. */
export function causesWithCode(code: string): readonly Cause[] {
  const wanted = code.toLowerCase()
  return [...causesById.values()].filter((cause) =>
    foreignCodesOf(cause).some(({ codes }) => codes.some((known) => known.toLowerCase() === wanted)),
  )
}

function codesIn(evidence: Evidence): ForeignCodes[] {
  switch (evidence.is) {
    case 'errno':
      return [{ of: 'Node.js', codes: evidence.codes }]
    case 'sqlite':
      return [{ of: 'SQLite', codes: evidence.codes.map(String) }]
    case 'sqlstate':
      return [{ of: 'SQLSTATE', codes: evidence.codes }]
    case 'sdk':
      return [{ of: 'Clients of S3 and databases', codes: evidence.codes }]
    case 'pgrst':
      return [{ of: 'PostgREST', codes: evidence.codes }]
    case 'status':
      return [{ of: 'HTTP status', codes: [String(evidence.status)] }]
    case 'any-of':
    case 'all-of':
      return evidence.of.flatMap(codesIn)
    case 'operation':
    case 'wording':
    case 'registry':
      return []
  }
}
