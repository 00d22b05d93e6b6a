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
import { byLikelihood, defineEntry } from '../entry.js'
import { ModelRegistryError, type ModelRegistryErrorOptions } from '../model-registry-error.js'
import { stateOfData } from '../state-of-data.js'
import { page } from './page.js'

export interface DeploymentContext extends ErrorContext {
  readonly modelId: string
  readonly version?: string
  readonly environment?: string
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
        nothing: c.environment
          ? `What was active in ${c.environment} before is still active.`
          : 'Nothing was changed.',
        done: 'The deployment is recorded.',
      }),
  })

  declare readonly code: 'DEPLOYMENT_FAILED'

  constructor(context: DeploymentContext, options: ModelRegistryErrorOptions = {}) {
    super(DeploymentError.entry, context, options)
  }
}
