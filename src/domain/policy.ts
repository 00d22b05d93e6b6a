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
})
export type EnvironmentPolicy = z.infer<typeof environmentPolicySchema>

/** Policies by environment. When there are any, only the environments named here exist. */
export const environmentsSchema = z.record(
  z.string().refine((name): boolean => isEnvironment(name), ENVIRONMENT_RULE),
  environmentPolicySchema,
)
export type Environments = z.infer<typeof environmentsSchema>

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
