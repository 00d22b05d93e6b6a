import { leaseLost } from '../errors/causes/objects.js'
import { unexpectedActive, versionArchived, versionMissing } from '../errors/causes/registry.js'
import { ConcurrentDeploymentError } from '../errors/concurrent-deployment/error.js'
import { DeploymentError } from '../errors/deployment-failed/error.js'
import type { Activation, ActivationRequest, DeploymentLock } from '../ports/metadata-store.js'
import { asDeploymentError } from './as-deployment-error.js'
import type { RegistryDeps } from './deps.js'
import { unapproved } from './environment-policy.js'

type Activated = Extract<Activation, { is: 'activated' | 'unchanged' }>
type Held = Extract<Activation, { is: 'held' }>

/** The one transaction of a deployment, while its lock is held. @throws DeploymentError, ConcurrentDeploymentError */
export async function activate(
  deps: RegistryDeps,
  request: ActivationRequest & { readonly lock: DeploymentLock },
): Promise<Activated> {
  const answer = await takeAndActivate(deps, request)
  if (answer.is === 'held') throw new TypeError('a lock that was not asked for is held')
  return answer
}

/** The same for a lock that is to be taken. @throws DeploymentError, ConcurrentDeploymentError */
export async function takeAndActivate(
  deps: RegistryDeps,
  request: ActivationRequest,
): Promise<Activated | Held> {
  const { modelId, environment } = request.lock
  const facts = { modelId, version: request.version, environment, step: 'activate' } as const
  const answer = await asDeploymentError(facts, () => deps.metadata.activate(request))
  switch (answer.is) {
    case 'activated':
    case 'unchanged':
    case 'held':
      return answer
    case 'lease-lost':
      throw new DeploymentError(facts, { reason: leaseLost })
    case 'not-deployable':
      throw new DeploymentError(facts, {
        reason: answer.why === 'archived' ? versionArchived : versionMissing,
      })
    case 'not-approved':
      throw unapproved(deps, facts, { actor: request.actor, approvedBy: answer.approvedBy })
    case 'unexpected-active':
      throw new ConcurrentDeploymentError(
        { ...facts, expected: request.expectedActive ?? null, actual: answer.active },
        { reason: unexpectedActive },
      )
  }
}
