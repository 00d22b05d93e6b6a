import type { ErrorContext } from '../cause.js'
import { breakerOpen } from '../causes/breaker.js'
import { storeCauses } from '../causes/groups.js'
import { serverUnreachable } from '../causes/http.js'
import { localDiskCauses } from '../causes/local-disk.js'
import { connectionReset, timedOut } from '../causes/network.js'
import {
  aborted,
  checksumMismatch,
  leaseLost,
  lengthMismatch,
  objectExists,
  objectMissing,
  objectUnderway,
  sourceFailed,
} from '../causes/objects.js'
import { accessDenied } from '../causes/s3-access.js'
import { s3CredentialCauses } from '../causes/s3-credentials.js'
import { bucketMissing } from '../causes/s3-objects.js'
import { storeFull, throttled } from '../causes/s3-service.js'
import { s3UploadCauses } from '../causes/s3-uploads.js'
import { spoolFull } from '../causes/spool.js'
import { storeClosed } from '../causes/sqlite.js'
import { byLikelihood, defineEntry } from '../entry.js'
import { ModelRegistryError, type ModelRegistryErrorOptions } from '../model-registry-error.js'
import { noteOnKept, stateOfData } from '../state-of-data.js'
import { page } from './page.js'

export interface S3UploadContext extends ErrorContext {
  readonly s3Path: string
  /** The spool that could not keep the bytes, since they come from a stream that had been read in part. */
  readonly notKeptIn?: string
  /** The spool that has the file, and keeps it until it is carried over. */
  readonly keptIn?: string
}

/** The bytes of a model did not reach the artifact store. */
export class S3UploadError extends ModelRegistryError<S3UploadContext> {
  static override readonly entry = defineEntry({
    ...page,
    code: 'S3_UPLOAD_FAILED',
    className: 'S3UploadError',
    title: 'Upload to the artifact store failed',
    description: 'The bytes of a model did not reach the artifact store.',
    category: 'Storage',
    severity: 'Critical',
    since: '0.1.0',
    status: 502,
    runbook: 's3-upload-failure',
    causes: byLikelihood(
      accessDenied,
      timedOut,
      connectionReset,
      s3CredentialCauses,
      localDiskCauses,
      objectExists,
      objectUnderway,
      s3UploadCauses,
      breakerOpen,
      sourceFailed,
      lengthMismatch,
      checksumMismatch,
      bucketMissing,
      storeFull,
      throttled,
      storeCauses,
      objectMissing,
      leaseLost,
      serverUnreachable,
      aborted,
      spoolFull,
      storeClosed,
    ),
    happened: (c) =>
      `The upload ${c.file ? `of ${c.file} ` : ''}${c.modelId ? `for ${c.modelId}@${c.version} ` : ''}to ${c.s3Path} failed`,
    outcome: (c, outcome) =>
      stateOfData(outcome, {
        nothing:
          typeof c.keptIn === 'string'
            ? `${c.modelId}@${c.version} stays recorded, and ${c.keptIn} keeps the file until it is carried over.`
            : `${c.modelId ? `Nothing was recorded for ${c.modelId}@${c.version}.` : 'Nothing was stored.'}${noteOnKept(c)}${c.notKeptIn === undefined ? '' : notKept(String(c.notKeptIn))}`,
        done: 'The object is stored.',
      }),
  })

  declare readonly code: 'S3_UPLOAD_FAILED'

  constructor(context: S3UploadContext, options: ModelRegistryErrorOptions = {}) {
    super(S3UploadError.entry, context, options)
  }
}

const notKept = (spool: string) =>
  ` The spool ${spool} could not keep it, since part of the stream that it came from had been sent; a file or a value is kept.`
