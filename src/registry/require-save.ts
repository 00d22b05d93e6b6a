import type { FilePath } from '../domain/file-path.js'
import { refuse } from '../domain/refuse.js'
import { leaseLost } from '../errors/causes/objects.js'
import { S3UploadError } from '../errors/s3-upload-failed/error.js'
import type { Save } from '../ports/metadata-store.js'
import type { RegistryDeps } from './deps.js'
import { leaseLostError } from './store-part.js'

/** The save, while it is under way. @throws S3UploadError with reason `lease-lost`. */
export async function requireSave(deps: RegistryDeps, saveId: string): Promise<Save> {
  const save = await deps.metadata.findSave(saveId)
  if (save?.state === 'saving') return save
  throw save === undefined ? goneError(saveId) : leaseLostError(save)
}

export function goneError(saveId: string): S3UploadError {
  return new S3UploadError({ s3Path: `the save ${saveId}` }, { reason: leaseLost })
}

/** @throws ModelValidationError for a file that was not announced when the save began. */
export function announcedPath(save: Save, path: string): FilePath {
  const found = save.announced?.find((announced) => announced === path)
  if (found !== undefined) return found
  throw refuse(
    'file',
    path,
    `one of the announced paths: ${(save.announced ?? []).slice(0, 20).join(', ')}`,
    'The upload',
  )
}
