import { parseModelId } from '../domain/model-id.js'
import type { ModelRecord } from '../domain/model-record.js'
import { parseVersion } from '../domain/version.js'
import { versionActive } from '../errors/causes/registry.js'
import { DeploymentError } from '../errors/deployment-failed/error.js'
import { actorOf } from './actor.js'
import type { RegistryDeps } from './deps.js'
import { notFound } from './not-found.js'
import type { ActorOptions } from './registry.js'

/** @see Registry.archiveModel */
export async function archiveModel(
  deps: RegistryDeps,
  modelId: string,
  version: string,
  options: ActorOptions = {},
): Promise<ModelRecord> {
  const id = parseModelId(modelId)
  const name = parseVersion(version)
  const actor = actorOf(deps, options)
  const answer = await deps.metadata.archiveVersion(id, name, actor)
  switch (answer.is) {
    case 'missing':
      throw await notFound(deps, id, name)
    case 'active': {
      const environment = answer.environments.join(', ')
      throw new DeploymentError(
        { modelId: id, version: name, environment, operation: 'The archiving' },
        { reason: versionActive },
      )
    }
    case 'done':
      if (answer.changed) deps.events.emit('archived', { record: answer.record, actor })
      return answer.record
  }
}
