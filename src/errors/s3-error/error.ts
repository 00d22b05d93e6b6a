import type { ErrorContext } from '../cause.js'
import { breakerOpen } from '../causes/breaker.js'
import { storeCauses } from '../causes/groups.js'
import { localDiskCauses } from '../causes/local-disk.js'
import { aborted, checksumMismatch, invalidRange, objectExists, objectMissing } from '../causes/objects.js'
import { accessDenied } from '../causes/s3-access.js'
import { s3CredentialCauses } from '../causes/s3-credentials.js'
import { bucketMissing } from '../causes/s3-objects.js'
import { storeFault, throttled } from '../causes/s3-service.js'
import { s3UploadCauses } from '../causes/s3-uploads.js'
import { storeClosed } from '../causes/sqlite.js'
import { byLikelihood, defineEntry } from '../entry.js'
import { ModelRegistryError, type ModelRegistryErrorOptions } from '../model-registry-error.js'
import { stateOfData } from '../state-of-data.js'
import { page } from './page.js'

export interface S3Context extends ErrorContext {
  readonly operation: string
}

/** The artifact store failed in an operation that is neither an upload, a download nor a deletion. */
export class S3Error extends ModelRegistryError<S3Context> {
  static override readonly entry = defineEntry({
    ...page,
    code: 'S3_ERROR',
    className: 'S3Error',
    title: 'The artifact store answered with an error',
    description:
      'The artifact store failed in an operation that is neither an upload, a download nor a deletion.',
    category: 'Storage',
    severity: 'High',
    since: '0.1.0',
    status: 502,
    runbook: 's3-error',
    causes: byLikelihood(
      s3CredentialCauses,
      accessDenied,
      bucketMissing,
      throttled,
      storeFault,
      localDiskCauses,
      objectMissing,
      objectExists,
      storeCauses,
      s3UploadCauses,
      checksumMismatch,
      invalidRange,
      breakerOpen,
      aborted,
      storeClosed,
    ),
    happened: (c) => `The artifact store failed in ${c.operation}${c.s3Path ? ` of ${c.s3Path}` : ''}`,
    outcome: (_c, outcome) =>
      stateOfData(outcome, { nothing: 'Nothing was changed.', done: 'The operation took effect.' }),
  })

  declare readonly code: 'S3_ERROR'

  constructor(context: S3Context, options: ModelRegistryErrorOptions = {}) {
    super(S3Error.entry, context, options)
  }
}
