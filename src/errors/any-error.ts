import type { CircuitBreakerOpenError } from './circuit-breaker-open/error.js'
import type { ConcurrentDeploymentError } from './concurrent-deployment/error.js'
import type { DatabaseError } from './database-error/error.js'
import type { DeploymentError } from './deployment-failed/error.js'
import type { DuplicateModelError } from './duplicate-model/error.js'
import type { InvalidS3PathError } from './invalid-s3-path/error.js'
import type { ModelNotFoundError } from './model-not-found/error.js'
import type { ModelValidationError } from './model-validation-failed/error.js'
import type { S3DeleteError } from './s3-delete-failed/error.js'
import type { S3DownloadError } from './s3-download-failed/error.js'
import type { S3Error } from './s3-error/error.js'
import type { S3UnavailableError } from './s3-unavailable/error.js'
import type { S3UploadError } from './s3-upload-failed/error.js'

/** Every error that the registry throws. A `switch` over its `code` narrows to the class, and must name every code. */
export type AnyModelRegistryError =
  | S3UploadError
  | S3DownloadError
  | S3DeleteError
  | S3Error
  | S3UnavailableError
  | InvalidS3PathError
  | ModelValidationError
  | DeploymentError
  | ConcurrentDeploymentError
  | DuplicateModelError
  | CircuitBreakerOpenError
  | DatabaseError
  | ModelNotFoundError
