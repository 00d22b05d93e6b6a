import type { ErrorContext } from '../cause.js'
import { databaseCauses } from '../causes/groups.js'
import { aborted, leaseLost } from '../causes/objects.js'
import {
  deploymentInProgress,
  environmentUnknown,
  filesMissing,
  modelMissing,
  nothingToRollBackTo,
  policyNotMet,
  smokeTestFailed,
  transactionFailed,
  unexpectedActive,
  versionActive,
  versionArchived,
  versionMissing,
} from '../causes/registry.js'
import { pendingElsewhere } from '../causes/spool.js'
import { byLikelihood, defineEntry } from '../entry.js'
import { ModelRegistryError, type ModelRegistryErrorOptions } from '../model-registry-error.js'
import { stateOfData } from '../state-of-data.js'
import { page } from './page.js'

export interface DeploymentContext extends ErrorContext {
  readonly modelId: string
  readonly version?: string
  readonly environment?: string
  /** The version that was found active there after the failure, null for none; absent where nobody could look. */
  readonly active?: string | null
}

/** A version did not become active, was not rolled back, or cannot be removed because it is active. */
export class DeploymentError extends ModelRegistryError<DeploymentContext> {
  static override readonly entry = defineEntry({
    ...page,
    code: 'DEPLOYMENT_FAILED',
    className: 'DeploymentError',
    title: 'The deployment was not made',
    description:
      'A version did not become active, was not rolled back, or cannot be removed because it is active.',
    category: 'Deployment',
    severity: 'High',
    since: '0.1.0',
    status: 409,
    runbook: 'deployment-failure',
    causes: byLikelihood(
      versionMissing,
      modelMissing,
      versionArchived,
      environmentUnknown,
      policyNotMet,
      filesMissing,
      pendingElsewhere,
      smokeTestFailed,
      transactionFailed,
      leaseLost,
      versionActive,
      nothingToRollBackTo,
      deploymentInProgress,
      unexpectedActive,
      aborted,
      databaseCauses,
    ),
    happened: (c, outcome) =>
      `${c.operation ?? 'The deployment'} of ${c.modelId}${c.version ? `@${c.version}` : ''}${c.environment ? ` in ${c.environment}` : ''} ${outcome === 'unknown' ? 'ended without an answer' : 'was not made'}`,
    outcome: (c, outcome) =>
      stateOfData(outcome, {
        nothing: nothingChanged(c),
        done: 'The deployment is recorded.',
      }),
  })

  declare readonly code: 'DEPLOYMENT_FAILED'

  constructor(context: DeploymentContext, options: ModelRegistryErrorOptions = {}) {
    super(DeploymentError.entry, context, options)
  }
}

/** Which step ended it, and what serves. */
function nothingChanged({ step, environment, modelId, active, expected }: ErrorContext): string {
  const ended = step === undefined ? '' : `It ended at the step ${step}. `
  // Those that there are, where there is none of that name.
  if (environment === undefined || Array.isArray(expected)) return `${ended}Nothing was changed.`
  if (active === undefined) return `${ended}What was active in ${environment} before is still active.`
  return `${ended}Nothing was changed: ${active === null ? `no version of ${modelId}` : `${modelId}@${String(active)}`} is active in ${environment}.`
}
