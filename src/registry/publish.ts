import type { ModelRecord } from '../domain/model-record.js'
import type { S3Address } from '../domain/s3-address.js'
import { objectUnderway } from '../errors/causes/objects.js'
import { isModelRegistryError } from '../errors/model-registry-error.js'
import { S3UploadError } from '../errors/s3-upload-failed/error.js'
import type { VersionContent, VersionDraft } from '../ports/metadata-store.js'
import type { RegistryDeps } from './deps.js'
import { leaseLostError } from './store-part.js'

type Published = Pick<VersionDraft, 'saveId' | 'modelId' | 'version' | 's3Path' | 'actor'>

/**
 * Makes a version visible. When the database's answer is lost, the save is read back before anything is reported.
 *
 * @throws S3UploadError with reason `lease-lost`.
 * @throws DatabaseError; with outcome `unknown` only when the save cannot be read back either.
 */
export async function publish(
  deps: RegistryDeps,
  save: Published,
  content: VersionContent,
): Promise<ModelRecord> {
  try {
    return settled(await deps.metadata.publishVersion(save.saveId, content, save.actor), save)
  } catch (error) {
    if (!isModelRegistryError(error) || error.outcome !== 'unknown') throw error
    const found = await deps.metadata.findSave(save.saveId).catch(() => {
      throw error
    })
    if (found === undefined) throw leaseLostError(save)
    // Publishing what is published gives its record; what is still being saved is published once more.
    return settled(await deps.metadata.publishVersion(save.saveId, content, save.actor), save)
  }
}

function settled(
  answer: Awaited<ReturnType<RegistryDeps['metadata']['publishVersion']>>,
  save: Published,
): ModelRecord {
  switch (answer.is) {
    case 'published':
      return answer.record
    case 'lease-lost':
      throw leaseLostError(save)
    case 'object-underway':
      throw objectUnderwayError(save, answer.address)
  }
}

export function objectUnderwayError(
  { modelId, version }: Pick<Published, 'modelId' | 'version'>,
  s3Path: S3Address,
): S3UploadError {
  return new S3UploadError({ modelId, version, s3Path }, { reason: objectUnderway })
}
