import type { Cause } from '../errors/cause.js'
import { connectionReset } from '../errors/causes/network.js'
import { checksumMismatch } from '../errors/causes/objects.js'
import { accessDenied } from '../errors/causes/s3-access.js'
import { requestRefused, storeFault, throttled } from '../errors/causes/s3-service.js'
import { uploadGone } from '../errors/causes/s3-uploads.js'
import { S3UploadError } from '../errors/s3-upload-failed/error.js'
import type { StoreFailure } from './direct-line.js'

/** The error for a file that the store did not take from this client. */
export function storeUploadError(
  facts: { readonly s3Path: string; readonly file: string },
  failure: StoreFailure,
): S3UploadError {
  const { status, host } = failure
  const context = {
    ...facts,
    host,
    action: 's3:PutObject',
    problem: failure.message,
    ...(status === undefined ? {} : { httpStatus: status }),
  }
  return new S3UploadError(context, { reason: reasonOf(failure), cause: failure })
}

function reasonOf({ status, code }: StoreFailure): Cause {
  if (status === undefined) return connectionReset
  if (code === 'NoSuchUpload') return uploadGone
  if (code === 'BadDigest' || code === 'XAmzContentChecksumMismatch') return checksumMismatch
  if (code === 'SlowDown' || status === 429) return throttled
  if (status >= 500) return storeFault
  return status === 403 ? accessDenied : requestRefused
}
