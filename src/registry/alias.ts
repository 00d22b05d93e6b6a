import { parseAlias } from '../domain/alias.js'
import { parseModelId } from '../domain/model-id.js'
import type { ModelRecord } from '../domain/model-record.js'
import { parseVersionRef } from '../domain/version-ref.js'
import { actorOf } from './actor.js'
import type { RegistryDeps } from './deps.js'
import { notFound, requireVersion } from './not-found.js'
import type { ActorOptions } from './registry.js'

/** @see Registry.setAlias */
export async function setAlias(
  deps: RegistryDeps,
  modelId: string,
  alias: string,
  version: string,
  options: ActorOptions = {},
): Promise<ModelRecord> {
  const id = parseModelId(modelId)
  const name = parseAlias(alias)
  const actor = actorOf(deps, options)
  const ref = parseVersionRef(version)
  const target = ref.is === 'version' ? ref.version : (await requireVersion(deps, id, version)).version
  const record = await deps.metadata.setAlias(id, name, target, actor)
  if (record === undefined) throw await notFound(deps, id, version)
  return record
}

/** @see Registry.removeAlias */
export async function removeAlias(
  deps: RegistryDeps,
  modelId: string,
  alias: string,
  options: ActorOptions = {},
): Promise<void> {
  const id = parseModelId(modelId)
  const name = parseAlias(alias)
  const removed = await deps.metadata.removeAlias(id, name, actorOf(deps, options))
  if (removed === undefined) throw await notFound(deps, id, name)
}
