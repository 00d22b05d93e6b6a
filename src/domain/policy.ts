import { z } from 'zod'
import { ENVIRONMENT_RULE, isEnvironment } from './environment.js'
import type { ModelRecord } from './model-record.js'

/** What an environment asks of a version before it may become active there. */
const environmentPolicySchema = z.strictObject({
  /** Lowest values by metric name; `accuracy` is one of them. */
  minimumMetrics: z.record(z.string(), z.number()).optional(),
  /** The version must have been active in this environment at some time. */
  mustHaveBeenActiveIn: z
    .string()
    .refine((name): boolean => isEnvironment(name), ENVIRONMENT_RULE)
    .optional(),
  /** How many others than who deploys must have approved the version for this environment. */
  approvals: z.int().min(0).max(16).optional(),
})
export type EnvironmentPolicy = z.infer<typeof environmentPolicySchema>

/** Policies by environment. When there are any, only the environments named here exist. */
export const environmentsSchema = z.record(
  z.string().refine((name): boolean => isEnvironment(name), ENVIRONMENT_RULE),
  environmentPolicySchema,
)
export type Environments = z.infer<typeof environmentsSchema>

/** A policy that came along as JSON; undefined for anything else. */
export function parsePolicy(value: unknown): EnvironmentPolicy | undefined {
  return environmentPolicySchema.safeParse(value).data
}

/** Who has approved `record` for the environment and is not `requester`, by whom it is asked for. */
export function approversOf(record: ModelRecord, environment: string, requester: string): string[] {
  return (record.approvals ?? [])
    .filter((one) => one.environment === environment && one.approvedBy !== requester)
    .map(({ approvedBy }) => approvedBy)
}

/** Too few approvals, as a clause; undefined when there are enough. */
export function approvalProblem(
  needed: number,
  approvedBy: readonly string[],
  requester: string,
): string | undefined {
  if (approvedBy.length >= needed) return undefined
  const asked =
    needed === 1
      ? `an approval by somebody other than ${requester} is`
      : `${needed} approvals by others than ${requester} are`
  const given = approvedBy.length === 0 ? 'nobody gave one' : `only ${approvedBy.join(' and ')} gave one`
  return `${asked} asked for, and ${given}`
}

/**
 * Why `record` does not meet `policy`, as clauses; empty when it does.
 *
 * @param wasActiveIn - whether the version was ever active in `policy.mustHaveBeenActiveIn`.
 */
export function policyProblems(
  policy: EnvironmentPolicy,
  record: ModelRecord,
  wasActiveIn: (environment: string) => boolean,
): string[] {
  const problems: string[] = []
  for (const [metric, minimum] of Object.entries(policy.minimumMetrics ?? {})) {
    const value = metric === 'accuracy' ? (record.accuracy ?? record.metrics[metric]) : record.metrics[metric]
    if (value === undefined) problems.push(`it has no metric ${metric}, and at least ${minimum} is asked for`)
    else if (value < minimum) problems.push(`its ${metric} is ${value}, and at least ${minimum} is asked for`)
  }
  const before = policy.mustHaveBeenActiveIn
  if (before !== undefined && !wasActiveIn(before)) problems.push(`it was never active in ${before}`)
  return problems
}
