import { type S3Address, splitS3Address } from '../../../domain/s3-address.js'
import type { ErrorContext } from '../../../errors/cause.js'
import type { ModelRegistryErrorOptions } from '../../../errors/model-registry-error.js'
import { S3DeleteError } from '../../../errors/s3-delete-failed/error.js'
import { S3DownloadError } from '../../../errors/s3-download-failed/error.js'
import { S3Error } from '../../../errors/s3-error/error.js'
import { S3UploadError } from '../../../errors/s3-upload-failed/error.js'
import { field } from './classify.js'
import type { S3StoreOptions } from './options.js'
import type { Place } from './place.js'
import { PutFailure } from './put-failure.js'
import { reasonOf } from './reason.js'
import { RequestFailure } from './retry.js'

/** What all failures of a store say of it. */
type Store = Pick<S3StoreOptions, 'bucket' | 'region' | 'endpoint'>

export function uploadError(
  store: Store,
  place: Place,
  error: unknown,
  signal: AbortSignal | undefined,
): S3UploadError {
  const { outcome, leftovers, cause } =
    error instanceof PutFailure ? error : { outcome: 'not-applied' as const, leftovers: [], cause: error }
  const { context, options } = parts(store, place, 's3:PutObject', cause, signal)
  return new S3UploadError({ ...context, s3Path: place.address }, { ...options, outcome, leftovers })
}

export function downloadError(
  store: Store,
  place: Place,
  error: unknown,
  signal: AbortSignal | undefined,
): S3DownloadError {
  const { context, options } = parts(store, place, 's3:GetObject', error, signal)
  return new S3DownloadError({ ...context, s3Path: place.address }, options)
}

export function deleteError(store: Store, place: Place, error: unknown): S3DeleteError {
  const { context, options } = parts(store, place, 's3:DeleteObject', error, undefined)
  const outcome = error instanceof RequestFailure && error.maybeApplied ? 'unknown' : 'not-applied'
  return new S3DeleteError({ ...context, s3Path: place.address }, { ...options, outcome })
}

export function storeError(
  store: Store,
  operation: { readonly name: string; readonly action: string },
  error: unknown,
  address?: S3Address,
): S3Error {
  const place = address === undefined ? { bucket: store.bucket } : splitS3Address(address)
  const { context, options } = parts(store, place, operation.action, error, undefined)
  const s3Path = address === undefined ? {} : { s3Path: address }
  return new S3Error({ ...context, ...s3Path, operation: operation.name }, options)
}

function parts(
  store: Store,
  place: { readonly bucket: string; readonly key?: string },
  action: string,
  error: unknown,
  signal: AbortSignal | undefined,
) {
  const { reason, cause, facts } = reasonOf(error, signal)
  const requestId = field(field(cause, '$metadata'), 'requestId')
  const context: ErrorContext = {
    bucket: place.bucket,
    ...(place.key === undefined ? {} : { key: place.key }),
    ...(store.region === undefined ? {} : { region: store.region }),
    ...(store.endpoint === undefined ? {} : endpointFacts(store.endpoint)),
    action,
    ...facts,
  }
  const options: ModelRegistryErrorOptions = {
    reason,
    ...(cause === undefined ? {} : { cause }),
    ...(typeof requestId === 'string' ? { requestId } : {}),
  }
  return { context, options }
}

function endpointFacts(endpoint: string): ErrorContext {
  if (!URL.canParse(endpoint)) return { endpoint }
  const { hostname, port, protocol } = new URL(endpoint)
  return { endpoint, host: hostname, port: Number(port) || (protocol === 'https:' ? 443 : 80) }
}
