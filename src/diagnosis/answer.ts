import { catalog } from '../errors/catalog.js'
import { type Outcome, type Step, step } from '../errors/cause.js'
import { uniqueViolation } from '../errors/causes/constraints.js'
import { forStore } from '../errors/causes/place.js'
import { duplicateReady } from '../errors/causes/registry.js'
import { unknownCause } from '../errors/causes/unknown.js'
import { type ErrorCode, repairOf } from '../errors/entry.js'
import { chooseCode } from './choose-code.js'
import { collectValues } from './collect-values.js'
import type { DiagnoseOptions, Diagnosis } from './diagnosis.js'
import { mask } from './mask.js'
import type { Candidate } from './rank.js'
import type { Reading } from './read/facts.js'
import { showEvidence } from './show-evidence.js'

const MOST_CONSIDERED = 5
/** What is less likely was not weighed in earnest. */
const LEAST_CONSIDERED = 0.1

export function answer(
  winner: Candidate,
  others: readonly Candidate[],
  reading: Reading,
  options: DiagnoseOptions,
): Diagnosis {
  const { text } = reading
  const values = collectValues(text, winner.at)
  const exists = winner.cause === uniqueViolation && isVersionKey(text, winner.at)
  const cause = exists ? duplicateReady : winner.cause
  const code = exists ? 'DUPLICATE_MODEL' : chooseCode(winner, reading, options.operation)
  const inMs = values.retryInMs ?? cause.retryInMs
  const steps =
    cause === unknownCause ? [...askForMore, ...catalog[code].troubleshooting] : cause.steps(values)
  return {
    code,
    cause: cause.id,
    title: cause === unknownCause ? catalog[code].title : cause.title,
    confidence: rounded(winner.confidence),
    evidence: showEvidence(winner, text),
    outcome: outcomeOf(text, code, cause === unknownCause ? 'unknown' : cause.outcome),
    retry: inMs === undefined ? { advice: cause.retry } : { advice: cause.retry, inMs },
    steps: masked(forStore(steps, values)),
    runbook: `docs/runbooks/${catalog[code].runbook}.md`,
    fix: repairOf(catalog[code], cause) ?? null,
    considered: considered(others, reading, options),
  }
}

/** What was looked at all the same, and what to paste in addition. */
export function noAnswer(
  others: readonly Candidate[],
  reading: Reading,
  options: DiagnoseOptions,
): Diagnosis {
  const [nearest] = others
  return {
    code: null,
    cause: null,
    title: 'No failure of the registry was found in this text',
    confidence: 0,
    evidence: nearest === undefined ? [] : showEvidence(nearest, reading.text),
    outcome: 'unknown',
    retry: { advice: 'after-fix' },
    steps: askForMore,
    runbook: null,
    fix: null,
    considered: considered(others, reading, options),
  }
}

const askForMore: readonly Step[] = [
  step(
    'Paste the whole error, with its name, its code, its stack and everything under [cause]; console.error(error) prints that.',
  ),
  step('Add the lines of the log before it: the first failure tells more than the last.'),
  step(
    'Say what was being done (upload, download, delete, list, deploy, metadata), and add the answer of the store or database, with its status and headers.',
  ),
]

function considered(
  others: readonly Candidate[],
  reading: Reading,
  { operation }: DiagnoseOptions,
): Diagnosis['considered'] {
  return others
    .filter(({ confidence }) => confidence >= LEAST_CONSIDERED)
    .slice(0, MOST_CONSIDERED)
    .map((one) => ({
      code: chooseCode(one, reading, operation),
      cause: one.cause.id,
      confidence: rounded(one.confidence),
    }))
}

const READS: readonly ErrorCode[] = ['S3_DOWNLOAD_FAILED', 'MODEL_NOT_FOUND', 'CIRCUIT_BREAKER_OPEN']

/** What the registry says of the outcome itself, or what its cause lets one know of a change. */
function outcomeOf(text: string, code: ErrorCode, ofCause: Outcome | undefined): Outcome {
  const near = text.slice(0, 64 * 1024)
  const said = /\boutcome["'\\]{0,3}\s{0,2}[:=]\s{0,2}["'\\]{0,3}(not-applied|applied|unknown)\b/.exec(
    near,
  )?.[1]
  if (said === 'not-applied' || said === 'applied' || said === 'unknown') return said
  return READS.includes(code) ? 'not-applied' : (ofCause ?? 'not-applied')
}

/** A unique key over the name and the version of a model was broken: the version exists. */
function isVersionKey(text: string, at: number): boolean {
  const near = text.slice(Math.max(0, at - 3000), at + 3000)
  return (
    /model_?id["'`\\)]{0,3}\s?,\s?[\w."'`(\\]{0,64}version\b/i.test(near) ||
    /constraint \W{0,3}\w{0,48}models?_\w{0,48}version\w{0,48}/i.test(near)
  )
}

function masked(steps: readonly Step[]): readonly Step[] {
  return steps.map(({ text, run }) =>
    run === undefined ? { text: mask(text) } : { text: mask(text), run: mask(run) },
  )
}

function rounded(confidence: number): number {
  return Math.round(confidence * 100) / 100
}
