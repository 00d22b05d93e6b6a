import { leaseLost } from '../errors/causes/objects.js'
import { unexpectedActive, versionArchived, versionMissing } from '../errors/causes/registry.js'
import { ConcurrentDeploymentError } from '../errors/concurrent-deployment/error.js'
import { DeploymentError } from '../errors/deployment-failed/error.js'
import type { Activation, ActivationRequest } from '../ports/metadata-store.js'
import { asDeploymentError } from './as-deployment-error.js'
import type { RegistryDeps } from './deps.js'

type Activated = Extract<Activation, { is: 'activated' | 'unchanged' }>

/** The one transaction of a deployment. @throws DeploymentError, ConcurrentDeploymentError */
export async function activate(deps: RegistryDeps, request: ActivationRequest): Promise<Activated> {
  const { modelId, environment } = request.lock
  const facts = { modelId, version: request.version, environment, step: 'activate' } as const
  const answer = await asDeploymentError(facts, () => deps.metadata.activate(request))
  switch (answer.is) {
    case 'activated':
    case 'unchanged':
      return answer
    case 'lease-lost':
      throw new DeploymentError(facts, { reason: leaseLost })
    case 'not-deployable':
      throw new DeploymentError(facts, {
        reason: answer.why === 'archived' ? versionArchived : versionMissing,
      })
    case 'unexpected-active':
      throw new ConcurrentDeploymentError(
        { ...facts, expected: request.expectedActive ?? null, actual: answer.active },
        { reason: unexpectedActive },
      )
  }
}
