import type { ErrorContext, ValidationProblem } from '../cause.js'
import { exposedWithoutToken, requestCauses } from '../causes/http.js'
import { invalidMetadata } from '../causes/registry.js'
import { validationCauses } from '../causes/validation.js'
import { byLikelihood, defineEntry } from '../entry.js'
import { ModelRegistryError, type ModelRegistryErrorOptions } from '../model-registry-error.js'
import { validationCause } from '../validation-cause.js'
import { page } from './page.js'

export interface ModelValidationContext extends ErrorContext {
  readonly validationErrors: readonly ValidationProblem[]
  /**
   * The metadata with every problem repaired, for the caller to look at and use or not; absent where not all of them can
   * be, and for values that are no metadata.
   */
  readonly suggestedMetadata?: Readonly<Record<string, unknown>>
}

/** Metadata, a name or an option does not follow its schema. `context.validationErrors` has every problem at once. */
export class ModelValidationError extends ModelRegistryError<ModelValidationContext> {
  static override readonly entry = defineEntry({
    ...page,
    code: 'MODEL_VALIDATION_FAILED',
    className: 'ModelValidationError',
    title: 'The values given break the schema',
    description: 'Metadata, a name or an option does not follow its schema.',
    category: 'Validation',
    severity: 'Medium',
    since: '0.1.0',
    status: 422,
    runbook: 'model-validation-failed',
    causes: byLikelihood(validationCauses, invalidMetadata, requestCauses, exposedWithoutToken),
    happened: (c) =>
      `${c.operation ?? 'The call'}${c.modelId ? ` for ${c.modelId}${c.version ? `@${c.version}` : ''}` : ''} was refused`,
    outcome: (c) =>
      c.operation === 'The metadata' ? 'Nothing was stored or recorded.' : 'Nothing was changed.',
  })

  declare readonly code: 'MODEL_VALIDATION_FAILED'

  constructor(context: ModelValidationContext, options: ModelRegistryErrorOptions = {}) {
    super(ModelValidationError.entry, context, {
      reason: validationCause(context.validationErrors, context.operation),
      ...options,
    })
  }
}
