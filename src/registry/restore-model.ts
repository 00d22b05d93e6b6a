import { parseModelId } from '../domain/model-id.js'
import type { ModelRecord } from '../domain/model-record.js'
import { parseVersion } from '../domain/version.js'
import { actorOf } from './actor.js'
import type { RegistryDeps } from './deps.js'
import { notFound } from './not-found.js'
import type { ActorOptions } from './registry.js'

/** @see Registry.restoreModel */
export async function restoreModel(
  deps: RegistryDeps,
  modelId: string,
  version: string,
  options: ActorOptions = {},
): Promise<ModelRecord> {
  const id = parseModelId(modelId)
  const name = parseVersion(version)
  const actor = actorOf(deps, options)
  const answer = await deps.metadata.restoreVersion(id, name, actor)
  if (answer.is !== 'done') throw await notFound(deps, id, name)
  if (answer.changed) deps.events.emit('restored', { record: answer.record, actor })
  return answer.record
}
