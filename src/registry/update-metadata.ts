import { type MetadataChange, parseMetadataChange } from '../domain/metadata.js'
import { parseModelId } from '../domain/model-id.js'
import type { ModelRecord } from '../domain/model-record.js'
import { parseVersion } from '../domain/version.js'
import { actorOf } from './actor.js'
import type { RegistryDeps } from './deps.js'
import { notFound } from './not-found.js'
import type { ActorOptions } from './registry.js'

/** @see Registry.updateMetadata */
export async function updateMetadata(
  deps: RegistryDeps,
  modelId: string,
  version: string,
  change: MetadataChange,
  options: ActorOptions = {},
): Promise<ModelRecord> {
  const id = parseModelId(modelId)
  const name = parseVersion(version)
  const actor = actorOf(deps, options)
  const parsed = parseMetadataChange(change, { modelId: id, version: name })
  const record = await deps.metadata.updateVersion(id, name, parsed, actor)
  if (record === undefined) throw await notFound(deps, id, name)
  return record
}
