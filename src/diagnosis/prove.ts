import type { Cause, Evidence } from '../errors/cause.js'
import type { Fact, Reading } from './read/facts.js'

/** Parts of one failure stand this close together, in characters. */
const NEAR = 2000

/** What facts prove in addition when they stand together. */
const TOGETHER = 0.1

/** Facts that prove a cause together, and how well. */
export interface Proof {
  readonly facts: readonly Fact[]
  readonly weight: number
}

/**
 * Every way in which the facts prove a cause, each on its own; that the registry itself names it is one of them.
 */
export function proofsOf({ evidence, id }: Cause, reading: Reading): Proof[] {
  return [...proofsIn(evidence, reading), ...byKey(reading, [`registry:${id}`])]
}

function proofsIn(evidence: Evidence, reading: Reading): Proof[] {
  switch (evidence.is) {
    case 'errno':
    case 'sdk':
    case 'pgrst':
    case 'sqlstate':
      return byKey(
        reading,
        evidence.codes.map((code) => `${evidence.is}:${code}`),
      )
    case 'sqlite':
      return sqliteProofs(reading, evidence.codes)
    case 'status':
      return byKey(reading, [`status:${evidence.status}`]).filter(
        ({ facts: [fact] }) =>
          fact !== undefined &&
          !near(
            reading,
            fact,
            evidence.not.map((code) => `sdk:${code}`),
          ),
      )
    case 'operation':
      return byKey(
        reading,
        evidence.names.map((name) => `operation:${name}`),
      )
    case 'wording':
      return byKey(
        reading,
        Object.values(evidence.phrases).flatMap((list) => list.map((phrase) => `wording:${phrase}`)),
      )
    case 'registry':
      return []
    case 'any-of':
      return evidence.of.flatMap((part) => proofsIn(part, reading))
    case 'all-of':
      return together(evidence.of.map((part) => proofsIn(part, reading)))
  }
}

/** One proof for each key: saying the same thing again proves no more. Where it stands best, or first. */
function byKey(reading: Reading, keys: readonly string[]): Proof[] {
  return keys.flatMap((key) => {
    const facts = reading.facts.get(key) ?? []
    const best = facts.reduce<Fact | undefined>(
      (found, fact) => (found === undefined || fact.weight > found.weight ? fact : found),
      undefined,
    )
    return best === undefined ? [] : [{ facts: [best], weight: best.weight }]
  })
}

function sqliteProofs(reading: Reading, codes: readonly number[]): Proof[] {
  const proofs: Proof[] = []
  for (const [key, facts] of reading.facts) {
    if (!key.startsWith('sqlite:')) continue
    const found = Number(key.slice('sqlite:'.length))
    const [fact] = facts
    if (fact !== undefined && codes.some((code) => found === code || (code < 256 && (found & 0xff) === code)))
      proofs.push({
        facts: [fact],
        weight: found > 255 && !codes.includes(found) ? fact.weight - 0.05 : fact.weight,
      })
  }
  return proofs
}

/** The closest choice of one proof from each part; none where they stand too far apart. */
function together(parts: readonly (readonly Proof[])[]): Proof[] {
  const [first = [], ...others] = parts
  for (const proof of first) {
    const at = placeOf(proof)
    const joined = others.map((part) => part.find((other) => Math.abs(placeOf(other) - at) <= NEAR))
    if (joined.every((other) => other !== undefined)) {
      const all = [proof, ...joined]
      const weight = Math.min(0.97, Math.max(...all.map((one) => one.weight)) + TOGETHER)
      return [{ facts: all.flatMap(({ facts }) => facts), weight }]
    }
  }
  return []
}

function near(reading: Reading, fact: Fact, keys: readonly string[]): boolean {
  return keys.some((key) =>
    reading.facts.get(key)?.some((other) => Math.abs(other.start - fact.start) <= NEAR),
  )
}

export function placeOf({ facts }: Proof): number {
  return facts[0]?.start ?? 0
}
