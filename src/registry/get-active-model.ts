import { parseEnvironment } from '../domain/environment.js'
import { parseModelId } from '../domain/model-id.js'
import type { ModelRecord } from '../domain/model-record.js'
import type { RegistryDeps } from './deps.js'

/** @see Registry.getActiveModel */
export async function getActiveModel(
  deps: RegistryDeps,
  modelId: string,
  environment: string,
): Promise<ModelRecord | null> {
  const id = parseModelId(modelId)
  const active = await deps.metadata.findActive(id, parseEnvironment(environment))
  if (active === undefined) return null
  // An active version can be neither archived nor deleted, so that it is there.
  return (await deps.metadata.findVersion(id, { is: 'version', version: active.version })) ?? null
}
