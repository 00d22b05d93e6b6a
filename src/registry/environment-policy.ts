import { ENVIRONMENT_RULE, type Environment, isEnvironment } from '../domain/environment.js'
import type { ModelId } from '../domain/model-id.js'
import type { ModelRecord } from '../domain/model-record.js'
import { nearest } from '../domain/nearest.js'
import { approvalProblem, approversOf, policyProblems } from '../domain/policy.js'
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
  environment: unknown,
  about: { readonly modelId: ModelId; readonly version?: string; readonly operation?: string },
): Environment {
  if (typeof environment !== 'string' || !isEnvironment(environment))
    throw refuse('environment', environment, ENVIRONMENT_RULE, 'The deployment')
  const names = Object.keys(deps.environments)
  if (names.length === 0 || names.includes(environment)) return environment
  const facts = { environment, didYouMean: nearest(environment, names), expected: names }
  throw new DeploymentError({ ...about, ...facts, step: 'policy' }, { reason: environmentUnknown })
}

/**
 * @param actor - who deploys; what they approved themselves does not count.
 * @throws DeploymentError with reason `policy-not-met` and every problem.
 */
export async function checkPolicy(
  deps: RegistryDeps,
  record: ModelRecord,
  environment: Environment,
  actor: string,
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
  const approvedBy = approversOf(record, environment, actor)
  const missing = approvalProblem(policy.approvals ?? 0, approvedBy, actor)
  if (problems.length > 0 || missing !== undefined)
    throw policyError(deps, facts, {
      actor,
      approvedBy,
      problems: missing === undefined ? problems : [...problems, missing],
    })
}

/** The refusal of a deployment whose approvals were taken back after `checkPolicy`. */
export function unapproved(
  deps: RegistryDeps,
  facts: PolicyFacts,
  { actor, approvedBy }: { readonly actor: string; readonly approvedBy: readonly string[] },
): DeploymentError {
  const needed = approvalsNeeded(deps, facts.environment)
  const problem = approvalProblem(needed, approvedBy, actor) ?? 'an approval was taken back'
  return policyError(deps, facts, { actor, approvedBy, problems: [problem] })
}

/** How many others than who deploys have to approve what is deployed there. */
export function approvalsNeeded({ environments }: RegistryDeps, environment: Environment): number {
  return environments[environment]?.approvals ?? 0
}

interface PolicyFacts {
  readonly modelId: string
  readonly version: string
  readonly environment: Environment
}

function policyError(
  deps: RegistryDeps,
  { modelId, version, environment }: PolicyFacts,
  { actor, approvedBy, problems }: { actor: string; approvedBy: readonly string[]; problems: string[] },
): DeploymentError {
  const approvalsMissing = Math.max(0, approvalsNeeded(deps, environment) - approvedBy.length)
  return new DeploymentError(
    {
      ...{ modelId, version, environment, step: 'policy' },
      problem: problems.join('; '),
      policy: deps.environments[environment],
      actor,
      ...(approvalsMissing === 0 ? {} : { approvedBy, approvalsMissing }),
    },
    { reason: policyNotMet },
  )
}
