import type { S3Address } from '../domain/s3-address.js'

/** The port asks for at most this many addresses at once. */
const BATCH = 500

/** The addresses, as many at a time as one question may have. */
export function* inBatches(addresses: readonly S3Address[]): Generator<readonly S3Address[]> {
  for (let at = 0; at < addresses.length; at += BATCH) yield addresses.slice(at, at + BATCH)
}
