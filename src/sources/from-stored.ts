import { parseS3Address, splitS3Address } from '../domain/s3-address.js'
import { toModelParts } from './draft.js'
import { mediaTypeOf } from './media-type.js'
import { type PartsSource, partsOf } from './model-source.js'

/**
 * An object that is in the store already, as a model of one file. It is looked up and hashed, never copied, and stays
 * in the store when the version is deleted.
 *
 * The save fails with InvalidS3PathError when `s3Path` is no address, and with S3UploadError when nothing is there.
 *
 * @param options.as - the path of the file in the version; the last name of the key by default.
 */
export function fromStored(
  s3Path: string,
  options: { readonly as?: string; readonly mediaType?: string } = {},
): PartsSource {
  return {
    async [partsOf]() {
      const address = parseS3Address(s3Path)
      const { key } = splitS3Address(address)
      const path = options?.as ?? key.slice(key.lastIndexOf('/') + 1)
      return toModelParts([
        { is: 'stored', path, mediaType: options?.mediaType ?? mediaTypeOf(path), address },
      ])
    },
  }
}
