import { catalog } from '../errors/catalog.js'
import type { Cause } from '../errors/cause.js'
import { isNarrower } from './narrower.js'
import { type Proof, placeOf, proofsOf } from './prove.js'
import type { Reading } from './read/facts.js'
import { allCauses } from './read/vocabulary.js'
import { sameRecord } from './records.js'

/** A cause that some facts prove. */
export interface Candidate {
  readonly cause: Cause
  readonly proofs: readonly Proof[]
  /** From 0 to 1, with what the text is about taken into account. */
  readonly confidence: number
  /** Where its strongest evidence stands. */
  readonly at: number
}

export interface Ranking {
  /** The cause that counts; undefined when none is likely enough. */
  readonly winner: Candidate | undefined
  /** The others, most likely first. */
  readonly others: readonly Candidate[]
}

/** Below this, a text is not claimed. */
const THRESHOLD = 0.5
/** Candidates this much weaker than the strongest are not its equals, however early they stand. */
const EQUAL = 0.8
/** What a root must be proven by, to stand before a symptom. */
const SURE = 0.5
/** Characters between a code and what explains it. */
const BESIDE = 12
/** Evidence of a broader cause belongs to the narrower one within this many characters. */
const REACH = 3000

/** @param expected - what speaks for a failure of the registry before the text is read, such as a caller's operation. */
export function rank(reading: Reading, expected: number): Ranking {
  const candidates = [...allCauses()]
    .map((cause) => candidateOf(cause, reading, expected))
    .filter((candidate) => candidate !== undefined)
  const standing = candidates.filter(
    (one) => !candidates.some((other) => narrowsOf(other, one, reading.text)),
  )
  const likely = standing.filter(({ confidence }) => confidence >= THRESHOLD)
  const roots = likely.filter(
    ({ cause, proofs }) => cause.symptom === undefined && (proofs[0]?.weight ?? 0) >= SURE,
  )
  const winner = first(roots.length > 0 ? roots : likely, reading.text)
  const others = candidates
    .filter((one) => one !== winner)
    .sort(
      (a, b) => Number(standing.includes(b)) - Number(standing.includes(a)) || b.confidence - a.confidence,
    )
  return { winner, others }
}

function candidateOf(cause: Cause, reading: Reading, expected: number): Candidate | undefined {
  const proofs = proofsOf(cause, reading).sort((a, b) => b.weight - a.weight)
  const [strongest] = proofs
  if (strongest === undefined) return undefined
  const doubt = independent(proofs).reduce((product, { weight }) => product * (1 - weight), 1)
  return {
    cause,
    proofs,
    confidence:
      (1 - doubt * (1 - support(cause, reading, expected))) * (1 - strangeness(reading, strongest, expected)),
    at: placeOf(strongest),
  }
}

/** A code and its explanation beside it say one thing, and not two. */
function independent(proofs: readonly Proof[]): Proof[] {
  const kept: Proof[] = []
  for (const proof of proofs) {
    const [start, end] = spanOf(proof)
    if (kept.every((other) => end + BESIDE < spanOf(other)[0] || start - BESIDE > spanOf(other)[1]))
      kept.push(proof)
    if (kept.length === 4) break
  }
  return kept
}

function spanOf({ facts }: Proof): [start: number, end: number] {
  return [Math.min(...facts.map(({ start }) => start)), Math.max(...facts.map(({ end }) => end))]
}

/** How much the text being about stores, databases or the registry speaks for a failure of them. */
function support(cause: Cause, { about }: Reading, expected: number): number {
  const sides = sidesOf(cause)
  const own = Math.max(sides.store ? about.store : 0, sides.database ? about.database : 0)
  return Math.min(0.6, 0.2 * (own + about.registry + expected))
}

/** How much it speaks against it that the text is about another program. What only a registry can meet stands alone. */
function strangeness({ about }: Reading, strongest: Proof, expected: number): number {
  if (about.foreign === 0) return 0
  const own = about.store + about.database + about.registry + expected
  const sure = strongest.weight >= 0.9 ? 2.5 : 0.5
  return Math.min(0.95, about.foreign / (about.foreign + own + sure))
}

/** Whose failures a cause belongs to; those of the network belong to both. */
export function sidesOf(cause: Cause): { readonly store: boolean; readonly database: boolean } {
  const database = catalog.DATABASE_ERROR.causes.includes(cause)
  return { database, store: !database || catalog.S3_ERROR.causes.includes(cause) }
}

function narrowsOf(narrow: Candidate, broad: Candidate, text: string): boolean {
  return (
    isNarrower(narrow.cause, broad.cause) &&
    !isNamed(broad) &&
    narrow.confidence >= 0.4 &&
    Math.abs(narrow.at - broad.at) <= REACH &&
    sameRecord(text, Math.min(narrow.at, broad.at), Math.max(narrow.at, broad.at))
  )
}

/** The registry itself says which cause it was. */
function isNamed({ cause, proofs }: Candidate): boolean {
  return proofs.some(({ facts }) => facts.some(({ key }) => key === `registry:${cause.id}`))
}

/** The root comes first: the earliest record that holds a likely cause, and the likeliest cause in it. */
function first(candidates: readonly Candidate[], text: string): Candidate | undefined {
  const best = Math.max(...candidates.map(({ confidence }) => confidence))
  const equals = candidates.filter(({ confidence }) => confidence >= EQUAL * best).sort((a, b) => a.at - b.at)
  const [earliest] = equals
  if (earliest === undefined) return undefined
  return equals
    .filter(({ at }) => sameRecord(text, earliest.at, at))
    .reduce((found, one) => (one.confidence > found.confidence ? one : found))
}
