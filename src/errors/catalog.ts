import type { Cause } from './cause.js'
import { CircuitBreakerOpenError } from './circuit-breaker-open/error.js'
import { ConcurrentDeploymentError } from './concurrent-deployment/error.js'
import { DatabaseError } from './database-error/error.js'
import { DeploymentError } from './deployment-failed/error.js'
import { DuplicateModelError } from './duplicate-model/error.js'
import { type ErrorCode, type ErrorEntry, errorCodes } from './entry.js'
import { InvalidS3PathError } from './invalid-s3-path/error.js'
import { ModelNotFoundError } from './model-not-found/error.js'
import { ModelValidationError } from './model-validation-failed/error.js'
import { S3DeleteError } from './s3-delete-failed/error.js'
import { S3DownloadError } from './s3-download-failed/error.js'
import { S3Error } from './s3-error/error.js'
import { S3UnavailableError } from './s3-unavailable/error.js'
import { S3UploadError } from './s3-upload-failed/error.js'

/** Every code with what the catalog says of it, in the order of the catalog. */
export const catalog: { readonly [C in ErrorCode]: ErrorEntry & { readonly code: C } } = {
  S3_UPLOAD_FAILED: S3UploadError.entry,
  S3_DOWNLOAD_FAILED: S3DownloadError.entry,
  S3_DELETE_FAILED: S3DeleteError.entry,
  S3_ERROR: S3Error.entry,
  S3_UNAVAILABLE: S3UnavailableError.entry,
  INVALID_S3_PATH: InvalidS3PathError.entry,
  MODEL_VALIDATION_FAILED: ModelValidationError.entry,
  DEPLOYMENT_FAILED: DeploymentError.entry,
  CONCURRENT_DEPLOYMENT: ConcurrentDeploymentError.entry,
  DUPLICATE_MODEL: DuplicateModelError.entry,
  CIRCUIT_BREAKER_OPEN: CircuitBreakerOpenError.entry,
  DATABASE_ERROR: DatabaseError.entry,
  MODEL_NOT_FOUND: ModelNotFoundError.entry,
}

/** Every cause that leads to a code, by its id. */
export const causesById: ReadonlyMap<string, Cause> = new Map(
  errorCodes.flatMap((code) => catalog[code].causes.map((cause) => [cause.id, cause])),
)
