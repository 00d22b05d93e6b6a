import type { Deployment } from '../domain/deployment.js'
import { parseModelId } from '../domain/model-id.js'
import { nothingToRollBackTo, versionArchived, versionMissing } from '../errors/causes/registry.js'
import { DeploymentError } from '../errors/deployment-failed/error.js'
import type { DeploymentLock } from '../ports/metadata-store.js'
import { activate } from './activate.js'
import { actorOf } from './actor.js'
import { asDeploymentError } from './as-deployment-error.js'
import { endsWith, withDeploymentLock } from './deployment-lock.js'
import type { RegistryDeps } from './deps.js'
import { requireEnvironment } from './environment-policy.js'
import type { RollbackOptions } from './registry.js'
import { verifyPresence } from './verify-files.js'
import { withActive } from './with-active.js'

/**
 * @see Registry.rollbackDeployment
 *
 * The policy of the environment is not asked again: the version was active there, and a rollback must not wait for a
 * change of configuration.
 */
export async function rollbackDeployment(
  deps: RegistryDeps,
  modelId: string,
  environment: string,
  options: RollbackOptions = {},
): Promise<Deployment> {
  const id = parseModelId(modelId)
  const actor = actorOf(deps, options)
  const place = requireEnvironment(deps, environment, { modelId: id })
  const { waitMs } = options
  const signal = endsWith(deps, options.signal)
  const work = { modelId: id, environment: place, actor, purpose: 'roll back', waitMs, signal }
  const { deployment } = await withActive(deps, work, () =>
    withDeploymentLock(deps, work, async (lock) => {
      const { current, target } = await findTarget(deps, lock)
      await requireUsable(deps, target)
      return activate(deps, {
        lock,
        version: target.version,
        expectedActive: current.version,
        rollback: { of: current.id, restores: target.id },
        actor,
      })
    }),
  )
  deps.events.emit('rolled-back', { deployment })
  return deployment
}

/**
 * The deployment that was active before the current one. A current one that is itself a rollback stands for the one it
 * brought back, so that rolling back twice goes back two deployments instead of to and fro.
 */
async function findTarget(
  deps: RegistryDeps,
  { modelId, environment }: DeploymentLock,
): Promise<{ current: Deployment; target: Deployment }> {
  const facts = { modelId, environment, step: 'look-up', operation: 'The rollback' } as const
  return asDeploymentError(facts, async () => {
    const current = await deps.metadata.findActive(modelId, environment)
    const stands =
      current?.restores === undefined ? current : await deps.metadata.findDeployment(current.restores)
    const before =
      stands?.previousId === undefined ? undefined : await deps.metadata.findDeployment(stands.previousId)
    const target =
      before?.restores === undefined ? before : await deps.metadata.findDeployment(before.restores)
    if (current === undefined || target === undefined)
      throw new DeploymentError(facts, { reason: nothingToRollBackTo })
    return { current, target }
  })
}

async function requireUsable(deps: RegistryDeps, target: Deployment): Promise<void> {
  const { modelId, version, environment } = target
  const facts = { modelId, version, environment, operation: 'The rollback', step: 'look-up' } as const
  const record = await asDeploymentError(facts, () =>
    deps.metadata.findVersion(modelId, { is: 'version', version }),
  )
  if (record === undefined) throw new DeploymentError(facts, { reason: versionMissing })
  if (record.archivedAt !== undefined) throw new DeploymentError(facts, { reason: versionArchived })
  await asDeploymentError({ ...facts, step: 'files' }, () => verifyPresence(deps, record))
}
