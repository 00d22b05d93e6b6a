import { createHash } from 'node:crypto'
import type { ModelFile } from '../domain/model-record.js'
import { checksumMismatch, lengthMismatch } from '../errors/causes/objects.js'
import { S3DownloadError } from '../errors/s3-download-failed/error.js'
import type { Bytes } from '../ports/artifact-store.js'

/**
 * Passes the bytes of `file` on and hashes them. The last piece is held back until the hash is known, so that whoever
 * reads never has all of a damaged file.
 *
 * @throws S3DownloadError at the end, when they are not the bytes that were saved.
 */
export async function* checkedBytes(
  content: Bytes,
  file: ModelFile,
  subject: { readonly modelId: string; readonly version: string },
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256')
  let size = 0
  let held: Uint8Array | undefined
  for await (const piece of content) {
    hash.update(piece)
    size += piece.length
    if (held !== undefined) yield held
    held = piece
  }
  const facts = { ...subject, s3Path: file.address, file: file.path }
  if (size !== file.size)
    throw new S3DownloadError({ ...facts, expected: file.size, actual: size }, { reason: lengthMismatch })
  const sha256 = hash.digest('hex')
  if (sha256 !== file.sha256)
    throw new S3DownloadError(
      { ...facts, expected: file.sha256, actual: sha256 },
      { reason: checksumMismatch },
    )
  if (held !== undefined) yield held
}
