import type { ModelFile } from '../domain/model-record.js'
import { objectExists } from '../errors/causes/objects.js'
import { isModelRegistryError } from '../errors/model-registry-error.js'
import { S3DownloadError } from '../errors/s3-download-failed/error.js'
import { S3UnavailableError } from '../errors/s3-unavailable/error.js'
import { S3UploadError } from '../errors/s3-upload-failed/error.js'
import { checkedBytes } from './checked-bytes.js'
import type { RegistryDeps } from './deps.js'
import { type ExportPlace, fileKey, inPlace } from './export-place.js'
import { restate } from './restate.js'
import { holds, putFrom } from './stored-bytes.js'

/**
 * Brings one file of an export to its address, checked against its sha256 on the way. One that is there, from an import
 * that was cut off or because both registries use the same store, is read and compared instead.
 *
 * @returns whether it was copied; false when it was there.
 * @throws S3DownloadError when the export does not have the file as it was.
 * @throws S3UnavailableError when the store is away and a spool took the file; it is taken out of that again.
 * @throws S3UploadError with reason `object-exists` when something else is at its address.
 */
export async function placeFile(
  deps: RegistryDeps,
  from: ExportPlace,
  subject: { readonly modelId: string; readonly version: string },
  file: ModelFile,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const source = inPlace(from, fileKey(file.sha256))
  const facts = { operation: 'importRegistry', ...subject, file: file.path }
  const options = signal === undefined ? {} : { signal }
  const isThere = async () => {
    if (await holds(deps.artifacts, file, subject, signal)) return false
    throw new S3UploadError({ ...facts, s3Path: file.address }, { reason: objectExists })
  }
  if ((await deps.artifacts.stat(file.address)) !== undefined) return isThere()
  try {
    const content = checkedBytes(
      await from.store.open(source, options),
      { ...file, address: source },
      subject,
    )
    const expected = { sha256: file.sha256, size: file.size }
    const { heldBy } = await putFrom(deps.artifacts, file.address, content, { expected, ...options })
    if (heldBy === undefined) return true
    // A save may wait in a spool; a registry that is moved is to be whole where it goes.
    await deps.artifacts.delete(file.address)
    throw new S3UnavailableError({ ...facts, s3Path: file.address, operation: 'The import' })
  } catch (error) {
    if (isModelRegistryError(error) && error.reason === objectExists) return isThere()
    const place = error instanceof S3DownloadError ? { s3Path: source } : {}
    // What was found while the bytes passed names the file already.
    if (error instanceof S3DownloadError && error.context.file !== undefined) throw error
    throw restate(error, { ...facts, ...place })
  }
}
