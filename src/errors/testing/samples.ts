import { CircuitBreakerOpenError } from '../circuit-breaker-open/error.js'
import { ConcurrentDeploymentError } from '../concurrent-deployment/error.js'
import { DatabaseError } from '../database-error/error.js'
import { DeploymentError } from '../deployment-failed/error.js'
import { DuplicateModelError } from '../duplicate-model/error.js'
import type { ErrorCode } from '../entry.js'
import { InvalidS3PathError } from '../invalid-s3-path/error.js'
import { ModelNotFoundError } from '../model-not-found/error.js'
import type { ModelRegistryError, ModelRegistryErrorOptions } from '../model-registry-error.js'
import { ModelValidationError } from '../model-validation-failed/error.js'
import { S3DeleteError } from '../s3-delete-failed/error.js'
import { S3DownloadError } from '../s3-download-failed/error.js'
import { S3Error } from '../s3-error/error.js'
import { S3UnavailableError } from '../s3-unavailable/error.js'
import { S3UploadError } from '../s3-upload-failed/error.js'

/** Facts as a real failure has them. */
export const facts = {
  operation: 'saveModel',
  modelId: 'btc-lstm',
  version: '1.2.0',
  environment: 'production',
  alias: 'champion',
  s3Path: 's3://trading-models/btc-lstm/1.2.0/model.json',
  bucket: 'trading-models',
  key: 'btc-lstm/1.2.0/model.json',
  localPath: '/var/lib/modelry/trading-models/btc-lstm/1.2.0/model.json',
  file: 'model.json',
  host: 'db.internal',
  port: 5432,
  role: 'modelry',
  database: 'registry',
  table: 'trained_models',
  column: 'digest',
  constraint: 'trained_models_pkey',
  region: 'eu-west-1',
  action: 's3:PutObject',
  identity: 'arn:aws:iam::111122223333:user/trainer',
} as const

/** One of each code, for tests that hold for all of them. */
export const samples: {
  readonly [C in ErrorCode]: (context?: object, options?: ModelRegistryErrorOptions) => ModelRegistryError
} = {
  S3_UPLOAD_FAILED: (c, o) => new S3UploadError({ ...facts, ...c }, o),
  S3_DOWNLOAD_FAILED: (c, o) => new S3DownloadError({ ...facts, ...c }, o),
  S3_DELETE_FAILED: (c, o) => new S3DeleteError({ ...facts, ...c }, o),
  S3_ERROR: (c, o) => new S3Error({ ...facts, ...c }, o),
  S3_UNAVAILABLE: (c, o) => new S3UnavailableError({ ...facts, ...c }, o),
  INVALID_S3_PATH: (c, o) => new InvalidS3PathError({ ...facts, invalidPath: 'models/model.json', ...c }, o),
  MODEL_VALIDATION_FAILED: (c, o) =>
    new ModelValidationError(
      {
        ...facts,
        validationErrors: [
          { path: 'accuracy', found: '93', allowed: 'at most 1', message: 'found 93, allowed is at most 1' },
        ],
        ...c,
      },
      o,
    ),
  DEPLOYMENT_FAILED: (c, o) => new DeploymentError({ ...facts, operation: 'The deployment', ...c }, o),
  CONCURRENT_DEPLOYMENT: (c, o) =>
    new ConcurrentDeploymentError({ ...facts, holder: 'ci-runner-7', retryInMs: 12_000, ...c }, o),
  DUPLICATE_MODEL: (c, o) =>
    new DuplicateModelError({ ...facts, nextVersion: '1.3.0', identical: false, ...c }, o),
  CIRCUIT_BREAKER_OPEN: (c, o) =>
    new CircuitBreakerOpenError({ ...facts, stats: { failures: 12 }, retryInMs: 21_400, ...c }, o),
  DATABASE_ERROR: (c, o) => new DatabaseError({ ...facts, ...c }, o),
  MODEL_NOT_FOUND: (c, o) =>
    new ModelNotFoundError(
      'btc-lstm',
      '1.2.0',
      { availableVersions: ['1.1.0'], didYouMean: ['1.1.0'], ...c },
      o,
    ),
}
