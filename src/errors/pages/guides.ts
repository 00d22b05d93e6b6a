import { guide as circuitBreakerOpen } from '../circuit-breaker-open/guide.js'
import { guide as concurrentDeployment } from '../concurrent-deployment/guide.js'
import { guide as databaseError } from '../database-error/guide.js'
import { guide as deploymentFailed } from '../deployment-failed/guide.js'
import { guide as duplicateModel } from '../duplicate-model/guide.js'
import type { EntryGuide, ErrorCode } from '../entry.js'
import { guide as invalidS3Path } from '../invalid-s3-path/guide.js'
import { guide as modelNotFound } from '../model-not-found/guide.js'
import { guide as modelValidationFailed } from '../model-validation-failed/guide.js'
import { guide as s3DeleteFailed } from '../s3-delete-failed/guide.js'
import { guide as s3DownloadFailed } from '../s3-download-failed/guide.js'
import { guide as s3Error } from '../s3-error/guide.js'
import { guide as s3Unavailable } from '../s3-unavailable/guide.js'
import { guide as s3UploadFailed } from '../s3-upload-failed/guide.js'

/** What the catalog says of each code to those who read it beforehand. */
export const guides: { readonly [C in ErrorCode]: EntryGuide } = {
  S3_UPLOAD_FAILED: s3UploadFailed,
  S3_DOWNLOAD_FAILED: s3DownloadFailed,
  S3_DELETE_FAILED: s3DeleteFailed,
  S3_ERROR: s3Error,
  S3_UNAVAILABLE: s3Unavailable,
  INVALID_S3_PATH: invalidS3Path,
  MODEL_VALIDATION_FAILED: modelValidationFailed,
  DEPLOYMENT_FAILED: deploymentFailed,
  CONCURRENT_DEPLOYMENT: concurrentDeployment,
  DUPLICATE_MODEL: duplicateModel,
  CIRCUIT_BREAKER_OPEN: circuitBreakerOpen,
  DATABASE_ERROR: databaseError,
  MODEL_NOT_FOUND: modelNotFound,
}
