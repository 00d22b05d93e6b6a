import { ENVIRONMENT_RULE, type Environment, isEnvironment } from '../domain/environment.js'
import type { ModelId } from '../domain/model-id.js'
import type { ModelRecord } from '../domain/model-record.js'
import { nearest } from '../domain/nearest.js'
import { policyProblems } from '../domain/policy.js'
import { refuse } from '../domain/refuse.js'
import { environmentUnknown, policyNotMet } from '../errors/causes/registry.js'
import { DeploymentError } from '../errors/deployment-failed/error.js'
import { asDeploymentError } from './as-deployment-error.js'
import type { RegistryDeps } from './deps.js'

/**
 * @throws ModelValidationError when it could not be the name of an environment at all.
 * @throws DeploymentError with reason `environment-unknown` when the configuration does not have it.
 */
export function requireEnvironment(
  deps: RegistryDeps,
  modelId: ModelId,
  version: string | undefined,
  environment: unknown,
): Environment {
  if (typeof environment !== 'string' || !isEnvironment(environment))
    throw refuse('environment', environment, ENVIRONMENT_RULE, 'The deployment')
  const names = Object.keys(deps.environments)
  if (names.length === 0 || names.includes(environment)) return environment
  const facts = { modelId, environment, didYouMean: nearest(environment, names), expected: names }
  throw new DeploymentError(
    { ...facts, step: 'policy', ...(version === undefined ? {} : { version }) },
    { reason: environmentUnknown },
  )
}

/** @throws DeploymentError with reason `policy-not-met` and every problem. */
export async function checkPolicy(
  deps: RegistryDeps,
  record: ModelRecord,
  environment: Environment,
): Promise<void> {
  const policy = deps.environments[environment]
  if (policy === undefined) return
  const { modelId, version } = record
  const facts = { modelId, version, environment, step: 'policy' } as const
  const before = policy.mustHaveBeenActiveIn
  const wasActive =
    before === undefined ||
    (await asDeploymentError(facts, () => deps.metadata.wasActive(modelId, version, before)))
  const problems = policyProblems(policy, record, () => wasActive)
  if (problems.length > 0)
    throw new DeploymentError({ ...facts, problem: problems.join('; ') }, { reason: policyNotMet })
}
