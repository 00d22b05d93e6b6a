import { type S3Address, toS3Address } from '../../../domain/s3-address.js'
import { isModelRegistryError } from '../../../errors/model-registry-error.js'

/** Where the store tries itself out, below its prefix. No object of a registry lies there. */
export const PROBE_FOLDER = '.modelry/probe'

/** Below it, what is younger is in use, and what is older was left by a crash. */
const PROBE_LASTS_MS = 3_600_000

/** Whether a key is that of a try that may be under way, in this process or another. */
export function isProbeInUse(prefix: string | undefined, key: string, touchedAt: Date): boolean {
  if (!key.startsWith(`${keyUnder(prefix, PROBE_FOLDER)}/`)) return false
  return Date.now() - touchedAt.getTime() < PROBE_LASTS_MS
}

/** The key of `name` below the prefix of a store. */
export function keyUnder(prefix: string | undefined, name: string): string {
  return prefix === undefined ? name : `${prefix}/${name}`
}

/** The address of a key; undefined for one that is no address of ours. */
export function addressOf(bucket: string, key: string): S3Address | undefined {
  try {
    return toS3Address(bucket, key)
  } catch (error) {
    if (isModelRegistryError(error)) return undefined
    throw error
  }
}
