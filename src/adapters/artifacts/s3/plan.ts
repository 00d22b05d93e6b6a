import { tooLarge } from '../../../errors/causes/s3-uploads.js'
import { Refusal } from '../refusal.js'
import type { S3Capabilities } from './capabilities.js'
import type { Transfer, UploadLimits } from './options.js'

const MIB = 1024 ** 2

/** Amazon S3 User Guide, "Amazon S3 multipart upload limits". */
export const MOST_PARTS = 10_000

/**
 * Of an object of unknown length, each part is so much of what went before. It lets 10,000 parts of 8 MiB and more
 * hold 8 TB, and is half a part's worth of a million bytes at the start.
 */
const GROWTH = 1_300

/** How the bytes of one object are cut. */
export interface UploadPlan {
  /** An object of at most so many bytes goes in one request. */
  readonly single: number
  /** Bytes to gather before it is decided. */
  readonly firstBytes: number
  /** No object may have more. */
  readonly most: number
  /** Which of the limits says so. */
  readonly limit: keyof UploadLimits
  /** Size of the part that begins after `sent` bytes. */
  partBytes(sent: number): number
}

/**
 * @param size - of the object, where it is known.
 * @throws Refusal when the object is known to be too large.
 */
export function planUpload(
  size: number | undefined,
  limits: UploadLimits,
  transfer: Transfer,
  { multipart, equalParts }: Pick<S3Capabilities, 'multipart' | 'equalParts'>,
): UploadPlan {
  const limit = multipart && limits.multipart >= limits.single ? 'multipart' : 'single'
  const most = limits[limit]
  if (size !== undefined && size > most) throw tooManyBytes(size, most, limit)
  const single = Math.min(limits.single, multipart ? transfer.threshold : limits.single)
  // With a known length, or where parts may not differ, all parts but the last are of one size.
  const longest = size ?? (equalParts ? most : undefined)
  const even =
    longest === undefined
      ? transfer.partBytes
      : Math.max(transfer.partBytes, wholeMib(Math.ceil(longest / MOST_PARTS)))
  return {
    single,
    firstBytes: size !== undefined && size <= single ? Math.max(size, 1) : even,
    most,
    limit,
    partBytes: (sent) => (longest === undefined ? Math.max(even, wholeMib(sent / GROWTH)) : even),
  }
}

/** The refusal of an object that is, or turned out to be, too large. @param limit - the setting that says so. */
export function tooManyBytes(size: number, most: number, limit: keyof UploadLimits): Refusal {
  return new Refusal(tooLarge, { actual: size, expected: most, limit: `limits.${limit}` })
}

function wholeMib(bytes: number): number {
  return Math.ceil(bytes / MIB) * MIB
}
