import { findCause } from '../../../diagnosis/find-cause.js'
import { localDiskCauses } from '../../../errors/causes/local-disk.js'
import { aborted, objectExists, sourceFailed } from '../../../errors/causes/objects.js'
import { unknownCause } from '../../../errors/causes/unknown.js'
import type { ModelRegistryErrorOptions } from '../../../errors/model-registry-error.js'
import { S3DeleteError } from '../../../errors/s3-delete-failed/error.js'
import { S3DownloadError } from '../../../errors/s3-download-failed/error.js'
import { S3Error } from '../../../errors/s3-error/error.js'
import { S3UploadError } from '../../../errors/s3-upload-failed/error.js'
import { SourceFailure } from '../pieces.js'
import { Refusal } from '../refusal.js'
import type { Place } from './place.js'

/** What the operation knows of its failure. */
export interface FailureFacts {
  /** The file or folder at work, unless the error names one. */
  readonly localPath?: string
  readonly signal?: AbortSignal | undefined
  readonly outcome?: ModelRegistryErrorOptions['outcome']
  readonly leftovers?: ModelRegistryErrorOptions['leftovers']
}

export function uploadError(place: Place, error: unknown, facts: FailureFacts): S3UploadError {
  return new S3UploadError(contextOf(place, error, facts), optionsOf(error, facts))
}

export function downloadError(place: Place, error: unknown, facts: FailureFacts): S3DownloadError {
  return new S3DownloadError(contextOf(place, error, facts), optionsOf(error, facts))
}

export function deleteError(place: Place, error: unknown, facts: FailureFacts): S3DeleteError {
  return new S3DeleteError(contextOf(place, error, facts), optionsOf(error, facts))
}

/** @param place - of the object that is asked for; a path where it is the store as a whole. */
export function storeError(operation: string, place: Place | string, error: unknown): S3Error {
  const context =
    typeof place === 'string' ? { localPath: pathOf(error) ?? place } : contextOf(place, error, {})
  return new S3Error({ operation, ...context }, optionsOf(error, {}))
}

function contextOf({ address, bucket, key, path }: Place, error: unknown, { localPath }: FailureFacts) {
  const found = error instanceof Refusal ? error.facts : {}
  return { s3Path: address, bucket, key, localPath: pathOf(error) ?? localPath ?? path, ...found }
}

function optionsOf(error: unknown, { signal, outcome, leftovers }: FailureFacts): ModelRegistryErrorOptions {
  const rest = {
    ...(outcome === undefined ? {} : { outcome }),
    ...(leftovers === undefined ? {} : { leftovers }),
  }
  // A source that was given the same signal fails by it too; the caller's wish explains both.
  if (signal?.aborted) return { reason: aborted, cause: signal.reason, ...rest }
  if (error instanceof Refusal) return { reason: error.reason, ...rest }
  if (error instanceof SourceFailure) return { reason: sourceFailed, cause: error.cause, ...rest }
  const reason = findCause(error, [...localDiskCauses, objectExists]) ?? unknownCause
  return { reason, cause: error, ...rest }
}

/** The path that a system call failed on. */
function pathOf(error: unknown): string | undefined {
  return error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : undefined
}
