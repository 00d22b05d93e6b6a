import { catalog } from './catalog.js'
import type { Cause, ErrorContext, Step } from './cause.js'
import { unknownCause } from './causes/unknown.js'
import { CircuitBreakerOpenError } from './circuit-breaker-open/error.js'
import { ConcurrentDeploymentError } from './concurrent-deployment/error.js'
import { DatabaseError } from './database-error/error.js'
import { DeploymentError } from './deployment-failed/error.js'
import { DuplicateModelError } from './duplicate-model/error.js'
import { type ErrorCode, errorCodes, type Outcome } from './entry.js'
import { InvalidS3PathError } from './invalid-s3-path/error.js'
import { ModelNotFoundError } from './model-not-found/error.js'
import type { Leftover, ModelRegistryError, ModelRegistryErrorOptions } from './model-registry-error.js'
import { ModelValidationError } from './model-validation-failed/error.js'
import { S3DeleteError } from './s3-delete-failed/error.js'
import { S3DownloadError } from './s3-download-failed/error.js'
import { S3Error } from './s3-error/error.js'
import { S3UnavailableError } from './s3-unavailable/error.js'
import { S3UploadError } from './s3-upload-failed/error.js'

/**
 * Rebuilds the error that `toJSON()` or a problem document (RFC 9457) describes, as an instance of the same class.
 *
 * @returns undefined when `json` is not the wire form of a registry error.
 */
export function reviveError(json: unknown, cause?: unknown): ModelRegistryError | undefined {
  if (!isObject(json)) return undefined
  const code = errorCodes.find((known) => known === json.code)
  if (code === undefined) return undefined
  const context: ErrorContext = isObject(json.context) ? json.context : {}
  const message = text(json.message) ?? text(json.detail)
  const requestId = text(json.requestId)
  return createError(code, context, {
    reason: knownCause(code, json),
    outcome: outcomeOf(json.outcome),
    leftovers: Array.isArray(json.leftovers) ? json.leftovers.filter(isLeftover) : [],
    ...(message === undefined ? {} : { message }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(cause === undefined ? {} : { cause }),
  })
}

/**
 * The error of a code, for those who have the code as data: an error is rebuilt from its wire form, or restated with the
 * facts that a layer above knows.
 */
export function createError(
  code: ErrorCode,
  c: ErrorContext,
  options: ModelRegistryErrorOptions,
): ModelRegistryError {
  const s3Path = c.s3Path ?? ''
  const operation = c.operation ?? 'an operation'
  const modelId = c.modelId ?? ''
  const environment = c.environment ?? ''
  switch (code) {
    case 'S3_UPLOAD_FAILED':
      return new S3UploadError({ ...c, s3Path }, options)
    case 'S3_DOWNLOAD_FAILED':
      return new S3DownloadError({ ...c, s3Path }, options)
    case 'S3_DELETE_FAILED':
      return new S3DeleteError({ ...c, s3Path }, options)
    case 'S3_ERROR':
      return new S3Error({ ...c, operation }, options)
    case 'S3_UNAVAILABLE':
      return new S3UnavailableError(c, options)
    case 'INVALID_S3_PATH':
      return new InvalidS3PathError({ ...c, invalidPath: c.invalidPath ?? '' }, options)
    case 'MODEL_VALIDATION_FAILED':
      return new ModelValidationError({ ...c, validationErrors: c.validationErrors ?? [] }, options)
    case 'DEPLOYMENT_FAILED':
      return new DeploymentError({ ...c, modelId }, options)
    case 'CONCURRENT_DEPLOYMENT':
      return new ConcurrentDeploymentError({ ...c, modelId, environment }, options)
    case 'DUPLICATE_MODEL':
      return new DuplicateModelError({ ...c, modelId, version: c.version ?? '' }, options)
    case 'CIRCUIT_BREAKER_OPEN':
      return new CircuitBreakerOpenError(c, options)
    case 'DATABASE_ERROR':
      return new DatabaseError({ ...c, operation }, options)
    case 'MODEL_NOT_FOUND':
      return new ModelNotFoundError(modelId, c.version, c, options)
  }
}

/** A server may know causes that this version does not: its steps and advice are kept under its own id. */
function knownCause(code: ErrorCode, json: Record<string, unknown>): Cause {
  const id = text(json.cause) ?? unknownCause.id
  const known = catalog[code].causes.find((cause) => cause.id === id)
  if (known) return known
  if (id === unknownCause.id) return unknownCause
  const steps = Array.isArray(json.steps) ? json.steps.filter(isStep) : []
  const advice = isObject(json.retry) ? json.retry.advice : undefined
  return {
    ...unknownCause,
    id,
    title: id,
    retry: advice === 'safe' || advice === 'never' ? advice : 'after-fix',
    steps: () => steps,
  }
}

function outcomeOf(value: unknown): Outcome {
  return value === 'applied' || value === 'not-applied' ? value : 'unknown'
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const isStep = (value: unknown): value is Step => isObject(value) && typeof value.text === 'string'
const isLeftover = (value: unknown): value is Leftover =>
  isObject(value) && typeof value.kind === 'string' && typeof value.at === 'string'
