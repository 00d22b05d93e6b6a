import type { Cause } from '../errors/cause.js'
import { breakerOpen } from '../errors/causes/breaker.js'
import {
  deploymentInProgress,
  duplicateReady,
  invalidAddress,
  invalidMetadata,
  modelMissing,
  versionMissing,
} from '../errors/causes/registry.js'
import { unknownCause } from '../errors/causes/unknown.js'
import type { ErrorCode } from '../errors/entry.js'
import { answer, noAnswer } from './answer.js'
import type { DiagnoseOptions, Diagnosis } from './diagnosis.js'
import { type Candidate, rank } from './rank.js'
import type { Reading } from './read/facts.js'
import { readFacts } from './read/read-facts.js'

/** What a caller's word for the operation counts: whoever gives it has a failure of the registry at hand. */
const OPERATION_GIVEN = 2.5

/**
 * Finds the code and the cause of a failure in whatever was pasted: a dump of an error, a log, an answer of a server.
 * Never throws. Nothing secret is in the answer.
 */
export function diagnoseText(text: string, options: DiagnoseOptions = {}): Diagnosis {
  const reading = readFacts(text)
  const ranking = rank(reading, options.operation === undefined ? 0 : OPERATION_GIVEN)
  const winner = ranking.winner ?? namedAlone(reading)
  return winner === undefined
    ? noAnswer(ranking.others, reading, options)
    : answer(winner, ranking.others, reading, options)
}

/** What a code of the registry means where nothing else in the text tells why. */
const usualCauses: { readonly [C in ErrorCode]?: Cause } = {
  S3_UNAVAILABLE: breakerOpen,
  CIRCUIT_BREAKER_OPEN: breakerOpen,
  INVALID_S3_PATH: invalidAddress,
  MODEL_VALIDATION_FAILED: invalidMetadata,
  DUPLICATE_MODEL: duplicateReady,
  CONCURRENT_DEPLOYMENT: deploymentInProgress,
}

function namedAlone({ registryCodes, text }: Reading): Candidate | undefined {
  const [named] = registryCodes
  if (named === undefined) return undefined
  const { code, start, end } = named
  const cause = code === 'MODEL_NOT_FOUND' ? missing(text) : (usualCauses[code] ?? unknownCause)
  return {
    cause,
    proofs: [{ facts: [{ key: `registry-code:${code}`, start, end, weight: 0.5 }], weight: 0.5 }],
    confidence: 0.5,
    at: start,
  }
}

function missing(text: string): Cause {
  return /\d+\.\d+\.\d+|version/i.test(text.slice(0, 4000)) ? versionMissing : modelMissing
}
