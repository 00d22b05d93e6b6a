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
  const place = parseEnvironment(environment)
  for (;;) {
    const active = await deps.metadata.findActive(id, place)
    if (active === undefined) return null
    const record = await deps.metadata.findVersion(id, { is: 'version', version: active.version })
    // An active version cannot be deleted: one that is not there was superseded in between.
    if (record !== undefined) return record
  }
}
