import { parseModelId } from '../domain/model-id.js'
import type { ModelRecord } from '../domain/model-record.js'
import { aborted } from '../errors/causes/objects.js'
import { S3DownloadError } from '../errors/s3-download-failed/error.js'
import { createLoadedModel } from '../sources/create-loaded-model.js'
import type { RegistryDeps } from './deps.js'
import { requireVersion } from './not-found.js'
import { openRange } from './open-file.js'
import type { LoadedModel } from './registry.js'

/** @see Registry.loadModel */
export async function loadModel(
  deps: RegistryDeps,
  modelId: string,
  version: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<LoadedModel> {
  const record = await requireVersion(deps, parseModelId(modelId), version)
  if (signal?.aborted) {
    const facts = { modelId: record.modelId, version: record.version, s3Path: record.s3Path }
    throw new S3DownloadError(facts, { reason: aborted, cause: signal.reason })
  }
  return loadedModel(deps, record, signal)
}

export function loadedModel(
  deps: RegistryDeps,
  record: ModelRecord,
  signal: AbortSignal | undefined,
): LoadedModel {
  return createLoadedModel(record, (file, options) => openRange(deps, record, file, options), signal)
}
