import type { ErrorContext } from '../cause.js'
import { breakerOpen } from '../causes/breaker.js'
import { storeCauses } from '../causes/groups.js'
import { localDiskCauses } from '../causes/local-disk.js'
import { aborted, objectMissing } from '../causes/objects.js'
import { accessDenied, deniedByBucketPolicy } from '../causes/s3-access.js'
import { mfaDelete, objectLocked } from '../causes/s3-objects.js'
import { storeClosed } from '../causes/sqlite.js'
import { byLikelihood, defineEntry } from '../entry.js'
import { ModelRegistryError, type ModelRegistryErrorOptions } from '../model-registry-error.js'
import { stateOfData } from '../state-of-data.js'
import { page } from './page.js'

export interface S3DeleteContext extends ErrorContext {
  readonly s3Path: string
}

/** An object could not be removed from the artifact store. There is no fix that runs: only its owner can say that it may go. */
export class S3DeleteError extends ModelRegistryError<S3DeleteContext> {
  static override readonly entry = defineEntry({
    ...page,
    code: 'S3_DELETE_FAILED',
    className: 'S3DeleteError',
    title: 'Deletion from the artifact store failed',
    description: 'An object could not be removed from the artifact store.',
    category: 'Storage',
    severity: 'Medium',
    since: '0.1.0',
    status: 502,
    runbook: 's3-delete-failure',
    repairs: 'none',
    causes: byLikelihood(
      accessDenied,
      objectLocked,
      deniedByBucketPolicy,
      mfaDelete,
      localDiskCauses,
      objectMissing,
      storeCauses,
      breakerOpen,
      aborted,
      storeClosed,
    ),
    happened: (c) => `Deleting ${c.s3Path} failed`,
    outcome: (c, outcome) =>
      stateOfData(outcome, {
        nothing: 'The object is still stored.',
        done: c.modelId
          ? `${c.modelId}@${c.version} is no longer listed; the address above still has its bytes, and the same call tries again.`
          : 'The object is removed.',
      }),
  })

  declare readonly code: 'S3_DELETE_FAILED'

  constructor(context: S3DeleteContext, options: ModelRegistryErrorOptions = {}) {
    super(S3DeleteError.entry, context, options)
  }
}
