import type { Environment } from '../domain/environment.js'
import type { ModelId } from '../domain/model-id.js'
import { DeploymentError } from '../errors/deployment-failed/error.js'
import type { RegistryDeps } from './deps.js'

/**
 * Does the work of a deployment; where it fails, the error says which version is active at that moment: looked up, not
 * supposed. Where it cannot be looked up the error stays as it is.
 */
export async function withActive<T>(
  { metadata }: RegistryDeps,
  { modelId, environment }: { readonly modelId: ModelId; readonly environment: Environment },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof DeploymentError)) throw error
    const found = await metadata.findActive(modelId, environment).then(
      (deployment) => ({ active: deployment?.version ?? null }),
      () => undefined,
    )
    if (found === undefined) throw error
    const { context, reason, outcome, leftovers, cause } = error
    throw new DeploymentError({ ...context, ...found }, { reason, outcome, leftovers, cause })
  }
}
