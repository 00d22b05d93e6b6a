import type { ErrorContext } from '../cause.js'
import { modelMissing, versionMissing } from '../causes/registry.js'
import { defineEntry } from '../entry.js'
import { ModelRegistryError, type ModelRegistryErrorOptions } from '../model-registry-error.js'
import { page } from './page.js'

export interface ModelNotFoundContext extends ErrorContext {
  readonly modelId: string
  readonly version?: string
  readonly availableVersions?: readonly string[]
  readonly didYouMean?: readonly string[]
}

/** The registry has no model, version or alias of that name. A version that is archived is still found. */
export class ModelNotFoundError extends ModelRegistryError<ModelNotFoundContext> {
  static override readonly entry = defineEntry({
    ...page,
    code: 'MODEL_NOT_FOUND',
    className: 'ModelNotFoundError',
    title: 'The model or version is not in the registry',
    description: 'The registry has no model, version or alias of that name.',
    category: 'Database',
    severity: 'Medium',
    since: '0.1.0',
    status: 404,
    runbook: 'model-not-found',
    causes: [versionMissing, modelMissing],
    happened: (c) => `${c.version ? `${c.modelId}@${c.version}` : c.modelId} was not found`,
    outcome: () => 'Nothing was changed.',
  })

  declare readonly code: 'MODEL_NOT_FOUND'

  constructor(
    modelId: string,
    version?: string,
    context: Omit<ModelNotFoundContext, 'modelId' | 'version'> = {},
    options: ModelRegistryErrorOptions = {},
  ) {
    super(
      ModelNotFoundError.entry,
      { ...context, modelId, ...(version === undefined ? {} : { version }) },
      { reason: version === undefined ? modelMissing : versionMissing, ...options },
    )
  }
}
