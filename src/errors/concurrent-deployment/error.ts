import type { ErrorContext } from '../cause.js'
import { deploymentInProgress, unexpectedActive } from '../causes/registry.js'
import { defineEntry } from '../entry.js'
import { ModelRegistryError, type ModelRegistryErrorOptions } from '../model-registry-error.js'
import { page } from './page.js'

export interface ConcurrentDeploymentContext extends ErrorContext {
  readonly modelId: string
  readonly environment: string
  readonly holder?: string
  readonly retryInMs?: number
}

/** Another deployment of the same model to the same environment is under way or came first. */
export class ConcurrentDeploymentError extends ModelRegistryError<ConcurrentDeploymentContext> {
  static override readonly entry = defineEntry({
    ...page,
    code: 'CONCURRENT_DEPLOYMENT',
    className: 'ConcurrentDeploymentError',
    title: 'Another deployment came first',
    description: 'Another deployment of the same model to the same environment is under way or came first.',
    category: 'Deployment',
    severity: 'Medium',
    since: '0.1.0',
    status: 409,
    runbook: 'concurrent-deployment',
    causes: [deploymentInProgress, unexpectedActive],
    happened: (c) =>
      `The deployment of ${c.modelId}${c.version ? `@${c.version}` : ''} to ${c.environment} was not made`,
    outcome: (c) => `Nothing was changed in ${c.environment} by this call.`,
  })

  declare readonly code: 'CONCURRENT_DEPLOYMENT'

  constructor(context: ConcurrentDeploymentContext, options: ModelRegistryErrorOptions = {}) {
    super(ConcurrentDeploymentError.entry, context, { reason: deploymentInProgress, ...options })
  }
}
