import type { ErrorContext } from '../cause.js'
import { breakerOpen } from '../causes/breaker.js'
import { storeCauses } from '../causes/groups.js'
import { serverUnreachable } from '../causes/http.js'
import { localDiskCauses } from '../causes/local-disk.js'
import { modelFileCauses } from '../causes/model-files.js'
import { connectionReset, timedOut } from '../causes/network.js'
import {
  aborted,
  checksumMismatch,
  fileNotParsable,
  fileUnknown,
  invalidRange,
  lengthMismatch,
  objectMissing,
} from '../causes/objects.js'
import { accessDenied } from '../causes/s3-access.js'
import { s3CredentialCauses } from '../causes/s3-credentials.js'
import { objectArchived } from '../causes/s3-objects.js'
import { pendingElsewhere } from '../causes/spool.js'
import { storeClosed } from '../causes/sqlite.js'
import { byLikelihood, defineEntry } from '../entry.js'
import { ModelRegistryError, type ModelRegistryErrorOptions } from '../model-registry-error.js'
import { page } from './page.js'

export interface S3DownloadContext extends ErrorContext {
  readonly s3Path: string
}

/** The bytes of a model could not be read whole and unaltered from the artifact store. */
export class S3DownloadError extends ModelRegistryError<S3DownloadContext> {
  static override readonly entry = defineEntry({
    ...page,
    code: 'S3_DOWNLOAD_FAILED',
    className: 'S3DownloadError',
    title: 'Download from the artifact store failed',
    description: 'The bytes of a model could not be read whole and unaltered from the artifact store.',
    category: 'Storage',
    severity: 'High',
    since: '0.1.0',
    status: 502,
    runbook: 's3-download-failure',
    causes: byLikelihood(
      objectMissing,
      accessDenied,
      timedOut,
      connectionReset,
      checksumMismatch,
      lengthMismatch,
      localDiskCauses,
      objectArchived,
      s3CredentialCauses,
      invalidRange,
      fileUnknown,
      fileNotParsable,
      modelFileCauses,
      storeCauses,
      breakerOpen,
      serverUnreachable,
      aborted,
      pendingElsewhere,
      storeClosed,
    ),
    happened: (c) =>
      `Reading ${c.file ? `the file ${c.file} ` : ''}${c.modelId ? `of ${c.modelId}@${c.version} ` : ''}from ${c.s3Path} failed`,
    outcome: () => 'Nothing was changed by reading; what is stored is as it was.',
  })

  declare readonly code: 'S3_DOWNLOAD_FAILED'

  constructor(context: S3DownloadContext, options: ModelRegistryErrorOptions = {}) {
    super(S3DownloadError.entry, context, options)
  }
}
