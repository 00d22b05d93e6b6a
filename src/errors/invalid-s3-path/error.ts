import type { ErrorContext } from '../cause.js'
import { nameTooLong } from '../causes/local-disk.js'
import { invalidAddress } from '../causes/registry.js'
import { bucketNameInvalid } from '../causes/s3-objects.js'
import { byLikelihood, defineEntry } from '../entry.js'
import { ModelRegistryError, type ModelRegistryErrorOptions } from '../model-registry-error.js'
import { page } from './page.js'

export interface InvalidS3PathContext extends ErrorContext {
  readonly invalidPath: string
  /** The address that it seems to mean, for the caller to use or not; absent where that cannot be told. */
  readonly suggestedPath?: string
}

/** An address is not of the form `s3://bucket-name/path/to/object`. */
export class InvalidS3PathError extends ModelRegistryError<InvalidS3PathContext> {
  static override readonly entry = defineEntry({
    ...page,
    code: 'INVALID_S3_PATH',
    className: 'InvalidS3PathError',
    title: 'The address is not well formed',
    description: 'An address is not of the form s3://bucket-name/path/to/object.',
    category: 'Validation',
    severity: 'Medium',
    since: '0.1.0',
    status: 422,
    runbook: 'invalid-s3-path',
    causes: byLikelihood(invalidAddress, bucketNameInvalid, nameTooLong),
    happened: (c) => `The address ${JSON.stringify(c.invalidPath)} cannot be used`,
    outcome: () => 'Nothing was stored or recorded.',
  })

  declare readonly code: 'INVALID_S3_PATH'

  constructor(context: InvalidS3PathContext, options: ModelRegistryErrorOptions = {}) {
    super(InvalidS3PathError.entry, context, { reason: invalidAddress, ...options })
  }
}
