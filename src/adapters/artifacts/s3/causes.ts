import type { Cause } from '../../../errors/cause.js'
import {
  connectionRefused,
  connectionReset,
  hostNotFound,
  networkUnreachable,
  resolverUnavailable,
  timedOut,
} from '../../../errors/causes/network.js'
import {
  accessDenied,
  accountProblem,
  aclsDisabled,
  deniedByBucketPolicy,
  deniedByKmsKey,
  deniedByOrganisation,
  signedUrlExpired,
} from '../../../errors/causes/s3-access.js'
import { s3CredentialCauses } from '../../../errors/causes/s3-credentials.js'
import {
  bucketMissing,
  bucketNameInvalid,
  deleteMarker,
  mfaDelete,
  objectArchived,
  objectLocked,
  writeConflict,
} from '../../../errors/causes/s3-objects.js'
import {
  notImplemented,
  requestRefused,
  storeFault,
  storeFull,
  throttled,
} from '../../../errors/causes/s3-service.js'
import { s3UploadCauses } from '../../../errors/causes/s3-uploads.js'
import { tlsCauses } from '../../../errors/causes/tls.js'

/**
 * What an answer of a store, or the lack of one, can prove: those that need a code of their own before those for which
 * a status is enough, and a reset before a time-out, since the SDK calls both a `TimeoutError`.
 */
export const provableCauses: readonly Cause[] = [
  ...s3CredentialCauses,
  ...tlsCauses,
  bucketMissing,
  bucketNameInvalid,
  objectArchived,
  objectLocked,
  mfaDelete,
  writeConflict,
  ...s3UploadCauses,
  deniedByKmsKey,
  deniedByOrganisation,
  deniedByBucketPolicy,
  signedUrlExpired,
  aclsDisabled,
  accountProblem,
  accessDenied,
  connectionReset,
  connectionRefused,
  hostNotFound,
  resolverUnavailable,
  networkUnreachable,
  timedOut,
  throttled,
  storeFull,
  notImplemented,
  storeFault,
  deleteMarker,
  requestRefused,
]
