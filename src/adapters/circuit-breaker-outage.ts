import type { Cause } from '../errors/cause.js'
import { breakerOpen } from '../errors/causes/breaker.js'
import { aborted, checksumMismatch, lengthMismatch, sourceFailed } from '../errors/causes/objects.js'
import { outages } from '../errors/causes/outages.js'
import { credentialsMissing, endpointInvalid, regionMissing } from '../errors/causes/s3-credentials.js'
import { tooLarge } from '../errors/causes/s3-uploads.js'
import { storeClosed } from '../errors/causes/sqlite.js'
import { unknownCause } from '../errors/causes/unknown.js'
import { isModelRegistryError } from '../errors/model-registry-error.js'

const OUTAGES = idsOf(outages)

/** It was decided on this side, and the store may not have been asked at all. */
const OWN = idsOf([
  aborted,
  sourceFailed,
  checksumMismatch,
  lengthMismatch,
  tooLarge,
  storeClosed,
  breakerOpen,
  regionMissing,
  credentialsMissing,
  endpointInvalid,
  unknownCause,
])

/**
 * What a failed call says of the store.
 *
 * - `outage`: it is away.
 * - `alive`: it answered, with a refusal or with the word that nothing is there.
 * - `nothing`: the caller ended it, its source failed, or its arguments were wrong.
 */
export type Verdict = 'outage' | 'alive' | 'nothing'

export function verdictOn(error: unknown): Verdict {
  if (!isModelRegistryError(error)) return 'nothing'
  if (OUTAGES.has(error.reason.id)) return 'outage'
  const invalid = error.code === 'INVALID_S3_PATH'
  return invalid || OWN.has(error.reason.id) ? 'nothing' : 'alive'
}

function idsOf(causes: readonly Cause[]): ReadonlySet<string> {
  return new Set(causes.map(({ id }) => id))
}
