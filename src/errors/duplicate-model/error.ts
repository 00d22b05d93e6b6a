import type { ErrorContext } from '../cause.js'
import { duplicateReady, duplicateSaving } from '../causes/registry.js'
import { defineEntry } from '../entry.js'
import { ModelRegistryError, type ModelRegistryErrorOptions } from '../model-registry-error.js'
import { page } from './page.js'

export interface DuplicateModelContext extends ErrorContext {
  readonly modelId: string
  readonly version: string
  readonly nextVersion?: string
  readonly identical?: boolean
}

/** A version of that name exists or is being saved; versions are immutable. */
export class DuplicateModelError extends ModelRegistryError<DuplicateModelContext> {
  static override readonly entry = defineEntry({
    ...page,
    code: 'DUPLICATE_MODEL',
    className: 'DuplicateModelError',
    title: 'The version exists',
    description: 'A version of that name exists or is being saved; versions are immutable.',
    category: 'Versioning',
    severity: 'Low',
    since: '0.1.0',
    status: 409,
    runbook: 'duplicate-model',
    causes: [duplicateReady, duplicateSaving],
    happened: (c) => `${c.modelId}@${c.version} was not saved`,
    outcome: (c) => `Nothing of ${c.modelId}@${c.version} was changed or overwritten.`,
  })

  declare readonly code: 'DUPLICATE_MODEL'

  constructor(context: DuplicateModelContext, options: ModelRegistryErrorOptions = {}) {
    super(DuplicateModelError.entry, context, { reason: duplicateReady, ...options })
  }
}
