import { parseS3Address, type S3Address, splitS3Address } from '../../../domain/s3-address.js'

/** An address, taken apart. */
export interface Place {
  readonly address: S3Address
  readonly bucket: string
  readonly key: string
}

/**
 * An empty key never gets past here: the SDK would turn the deletion of an object without a key into the deletion of
 * its bucket.
 *
 * @throws InvalidS3PathError for text that was made to pass for an address.
 */
export function placeOf(address: S3Address): Place {
  return { address, ...splitS3Address(parseS3Address(address)) }
}
