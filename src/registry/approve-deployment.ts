import { ACTOR_RULE, isActor } from '../domain/actor.js'
import { parseModelId } from '../domain/model-id.js'
import type { ModelRecord } from '../domain/model-record.js'
import { refuse } from '../domain/refuse.js'
import { parseVersion } from '../domain/version.js'
import { actorOf } from './actor.js'
import type { RegistryDeps } from './deps.js'
import { requireEnvironment } from './environment-policy.js'
import { notFound } from './not-found.js'
import type { ActorOptions, RevokeOptions } from './registry.js'

/** @see Registry.approveDeployment */
export async function approveDeployment(
  deps: RegistryDeps,
  modelId: string,
  version: string,
  environment: string,
  options: ActorOptions = {},
): Promise<ModelRecord> {
  const id = parseModelId(modelId)
  // By its own name: what an alias names may be another version by the time that it is deployed.
  const exact = parseVersion(version)
  const actor = actorOf(deps, options)
  const place = requireEnvironment(deps, environment, {
    modelId: id,
    version: exact,
    operation: 'The approval',
  })
  const record = await deps.metadata.approve(id, exact, place, actor)
  if (record === undefined) throw await notFound(deps, id, version)
  return record
}

/** @see Registry.revokeApproval */
export async function revokeApproval(
  deps: RegistryDeps,
  modelId: string,
  version: string,
  environment: string,
  options: RevokeOptions = {},
): Promise<ModelRecord> {
  const id = parseModelId(modelId)
  const exact = parseVersion(version)
  const actor = actorOf(deps, options)
  const approvedBy = options.approvedBy ?? actor
  if (!isActor(approvedBy)) throw refuse('approvedBy', approvedBy, ACTOR_RULE)
  const place = requireEnvironment(deps, environment, {
    modelId: id,
    version: exact,
    operation: 'The approval',
  })
  const record = await deps.metadata.revokeApproval(id, exact, place, approvedBy, actor)
  if (record === undefined) throw await notFound(deps, id, version)
  return record
}
