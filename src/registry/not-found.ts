import type { ModelId } from '../domain/model-id.js'
import type { ModelRecord } from '../domain/model-record.js'
import { nearest } from '../domain/nearest.js'
import { parseVersionRef } from '../domain/version-ref.js'
import { modelMissing } from '../errors/causes/registry.js'
import { ModelNotFoundError } from '../errors/model-not-found/error.js'
import type { RegistryDeps } from './deps.js'

/** The record of a version that must be there. @throws ModelNotFoundError with what is there instead. */
export async function requireVersion(
  deps: RegistryDeps,
  modelId: ModelId,
  version: string,
): Promise<ModelRecord> {
  const record = await deps.metadata.findVersion(modelId, parseVersionRef(version))
  if (record !== undefined) return record
  throw await notFound(deps, modelId, version)
}

/** The error for a version that is not there, with the versions and names that are. */
export async function notFound(
  deps: RegistryDeps,
  modelId: ModelId,
  version: string,
): Promise<ModelNotFoundError> {
  const records = await deps.metadata.listVersions(modelId, { limit: 20 })
  if (records.length > 0) {
    const aliases = records.flatMap((record) => record.aliases)
    const availableVersions = records.map((record) => record.version)
    const didYouMean = nearest(version, [...availableVersions, ...aliases])
    return new ModelNotFoundError(modelId, version, { availableVersions, didYouMean })
  }
  const didYouMean = nearest(modelId, await deps.metadata.neighbours(modelId, 200))
  return new ModelNotFoundError(
    modelId,
    version,
    { availableVersions: [], didYouMean },
    { reason: modelMissing },
  )
}
