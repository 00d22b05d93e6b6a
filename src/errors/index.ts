/** `modelry/errors`: the classes and the catalog alone; runs in a browser. */

export type { AnyModelRegistryError } from './any-error.js'
export type {
  Applicability,
  AutoFixOptions,
  FixEffect,
  FixPlan,
  FixReport,
  FixStep,
} from './auto-fix.js'
export { catalog } from './catalog.js'
export type {
  Cause,
  CauseFix,
  ErrorContext,
  Evidence,
  RetryAdvice,
  Step,
  ValidationProblem,
} from './cause.js'
export { CircuitBreakerOpenError } from './circuit-breaker-open/error.js'
export { ConcurrentDeploymentError } from './concurrent-deployment/error.js'
export { DatabaseError } from './database-error/error.js'
export { DeploymentError } from './deployment-failed/error.js'
export { DuplicateModelError } from './duplicate-model/error.js'
export type { ErrorCategory, ErrorCode, ErrorEntry, ErrorSeverity, Outcome, RelatedDoc } from './entry.js'
export { errorCodes } from './entry.js'
export { InvalidS3PathError } from './invalid-s3-path/error.js'
export { ModelNotFoundError } from './model-not-found/error.js'
export type {
  CausedBy,
  Leftover,
  ModelRegistryErrorJson,
  ModelRegistryErrorOptions,
} from './model-registry-error.js'
export { isModelRegistryError, ModelRegistryError } from './model-registry-error.js'
export { ModelValidationError } from './model-validation-failed/error.js'
export { reviveError } from './revive.js'
export { S3DeleteError } from './s3-delete-failed/error.js'
export { S3DownloadError } from './s3-download-failed/error.js'
export { S3Error } from './s3-error/error.js'
export { S3UnavailableError } from './s3-unavailable/error.js'
export { S3UploadError } from './s3-upload-failed/error.js'
