import type { AnyModelRegistryError } from './any-error.js'
import { catalog, causesById } from './catalog.js'
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
import {
  codeOf,
  isModelRegistryError,
  type Leftover,
  type ModelRegistryErrorOptions,
} from './model-registry-error.js'
import { ModelValidationError } from './model-validation-failed/error.js'
import { S3DeleteError } from './s3-delete-failed/error.js'
import { S3DownloadError } from './s3-download-failed/error.js'
import { S3Error } from './s3-error/error.js'
import { S3UnavailableError } from './s3-unavailable/error.js'
import { S3UploadError } from './s3-upload-failed/error.js'

/**
 * Rebuilds the error that `toJSON()` or a problem document (RFC 9457) describes, as an instance of the same class; also
 * from what `structuredClone` or `postMessage` leaves of an error, which is its code, message and cause. Send `toJSON()`
 * where the context is wanted on the other side.
 *
 * @param cause - what carried it here; what the wire form says of its causes, when absent.
 * @returns undefined when `value` is none of these.
 */
export function reviveError(value: unknown, cause?: unknown): AnyModelRegistryError | undefined {
  if (isModelRegistryError(value)) return 'code' in value ? value : ofClone(value, cause)
  if (!isObject(value)) return undefined
  const code = errorCodes.find((known) => known === value.code)
  if (code === undefined) return undefined
  const context: ErrorContext = isObject(value.context) ? value.context : {}
  const message = text(value.message) ?? text(value.detail)
  const requestId = text(value.requestId)
  const carrier = cause ?? causeOf(value.causedBy)
  return whole(code, context, {
    reason: knownCause(code, value),
    outcome: outcomeOf(value.outcome),
    leftovers: Array.isArray(value.leftovers) ? value.leftovers.filter(isLeftover) : [],
    ...(message === undefined ? {} : { message }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(carrier === undefined ? {} : { cause: carrier }),
  })
}

/** undefined where the facts of another program are not of the types that the sentences are made from. */
function whole(
  code: ErrorCode,
  context: ErrorContext,
  options: ModelRegistryErrorOptions,
): AnyModelRegistryError | undefined {
  try {
    const error = createError(code, context, options)
    error.getTroubleshootingGuide()
    return error
  } catch {
    return undefined
  }
}

/** A clone says nothing of its outcome, so that nothing may be assumed of it. */
function ofClone(clone: Error, cause: unknown): AnyModelRegistryError | undefined {
  const code = codeOf(clone)
  const carrier = cause ?? clone.cause
  return code === undefined
    ? undefined
    : createError(
        code,
        {},
        { message: clone.message, outcome: 'unknown', ...(carrier === undefined ? {} : { cause: carrier }) },
      )
}

/**
 * The error of a code, for those who have the code as data: an error is rebuilt from its wire form, or restated with the
 * facts that a layer above knows.
 */
export function createError(
  code: ErrorCode,
  c: ErrorContext,
  options: ModelRegistryErrorOptions,
): AnyModelRegistryError {
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
  if (id === unknownCause.id) return unknownCause
  const known = catalog[code].causes.find((cause) => cause.id === id) ?? causesById.get(id)
  if (known !== undefined) return known
  const steps = Array.isArray(json.steps) ? json.steps.filter(isStep) : []
  const { advice, inMs } = isObject(json.retry) ? json.retry : {}
  return {
    ...unknownCause,
    id,
    title: id,
    retry: advice === 'safe' || advice === 'never' ? advice : 'after-fix',
    ...(typeof inMs === 'number' ? { retryInMs: inMs } : {}),
    steps: () => steps,
  }
}

/** The chain under the error, as far as its wire form tells it. */
function causeOf(causedBy: unknown): Error | undefined {
  if (!Array.isArray(causedBy)) return undefined
  return causedBy.filter(isObject).reduceRight<Error | undefined>((below, link) => {
    const error = new Error(text(link.message) ?? '', below === undefined ? undefined : { cause: below })
    error.name = text(link.name) ?? 'Error'
    return text(link.code) === undefined ? error : Object.assign(error, { code: link.code })
  }, undefined)
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
