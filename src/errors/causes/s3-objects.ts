import {
  allOf,
  anyOf,
  commonSdk,
  commonWording,
  defineCause,
  operation,
  sdk,
  status,
  step,
  wording,
} from '../cause.js'
import { bucketOf, quote, s3api, theBucket, theObject } from './place.js'
import { createBucket, removeDeleteMarker } from './repairs.js'

const ERRORS = 'https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html'

/** No bucket of that name, for this endpoint. */
export const bucketMissing = defineCause({
  id: 'bucket-missing',
  title: 'No such bucket',
  narrows: ['object-missing'],
  because: (c) => `${theBucket(c)} does not exist`,
  evidence: anyOf(
    sdk('NoSuchBucket', 'BucketNotFound', 'NoSuchBucketException'),
    allOf(anyOf(commonSdk('NotFound'), status(404)), operation('HeadBucket')),
    wording([
      'the specified bucket does not exist',
      'the specified bucket is not found',
      'bucket not found',
      'no such bucket',
    ]),
  ),
  retry: 'after-fix',
  fix: createBucket,
  steps: (c) => [
    step('See which buckets there are with these credentials and this endpoint.', {
      run: s3api(c, 'list-buckets'),
    }),
    step('Correct the name in the address of the store (MODELRY_STORE), or have the bucket made.', {
      run: s3api(c, 'create-bucket', 'bucket'),
    }),
  ],
  source: ERRORS,
})

/** The object lies in an archive class; its bytes have to be brought back first. */
export const objectArchived = defineCause({
  id: 'object-archived',
  title: 'The object is archived',
  because: (c) => `${theObject(c)} is in an archive class and has to be restored before it can be read`,
  evidence: anyOf(
    sdk('InvalidObjectState', 'ObjectNotInActiveTierError', 'RestoreAlreadyInProgress'),
    wording([
      "not valid for the object's storage class",
      "not valid for the object's access tier",
      'object is of storage class glacier',
    ]),
  ),
  retry: 'after-fix',
  steps: (c) => [
    step('Ask for it back; it takes minutes to 12 hours, or 48 from Deep Archive.', {
      run: `${s3api(c, 'restore-object', 'bucket', 'key')} --restore-request Days=7`,
    }),
    step('See whether it is back: the header says ongoing-request="false".', {
      run: s3api(c, 'head-object', 'bucket', 'key'),
    }),
    step('Keep lifecycle rules that archive away from the prefix of the registry.', {
      run: s3api(c, 'get-bucket-lifecycle-configuration', 'bucket'),
    }),
  ],
  source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html',
})

/** Object Lock: a legal hold, or retention that is not over. */
export const objectLocked = defineCause({
  id: 'object-locked',
  title: 'The object is locked',
  because: (c) =>
    `${theObject(c)} is under Object Lock: it may be neither overwritten nor deleted for a while`,
  evidence: anyOf(
    sdk('ObjectLocked', 'ObjectLockedError', 'XMinioObjectLocked'),
    allOf(commonSdk('AccessDenied'), anyOf(wording(['object lock']), commonWording(['legal hold']))),
    wording([
      'protected by object lock',
      'is worm protected',
      'object is under retention',
      'object lock retention',
      'governance mode…until',
    ]),
    commonWording(['legal hold']),
  ),
  retry: 'after-fix',
  steps: (c) => [
    step('See until when, and in which mode.', { run: s3api(c, 'get-object-retention', 'bucket', 'key') }),
    step('See whether a legal hold is on.', { run: s3api(c, 'get-object-legal-hold', 'bucket', 'key') }),
    step('Wait until the time is over; in governance mode s3:BypassGovernanceRetention goes round it.'),
  ],
  source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html',
})

/** The bucket deletes versions only with a code of a second factor. */
export const mfaDelete = defineCause({
  id: 'mfa-delete',
  title: 'The bucket asks for a second factor to delete',
  because: (c) => `${theBucket(c)} deletes versions only with a code of its owner's second factor`,
  evidence: anyOf(
    wording(['mfa authentication must be used for this request']),
    commonWording(['mfa delete', 'x-amz-mfa']),
  ),
  retry: 'after-fix',
  steps: (c) => [
    step('See how the bucket is set.', { run: s3api(c, 'get-bucket-versioning', 'bucket') }),
    step(
      "Have the root user of the account delete the version with the device's code, or turn MFA delete off.",
      {
        run: `${s3api(c, 'delete-object', 'bucket', 'key')} --version-id VERSION_ID --mfa 'SERIAL CODE'`,
      },
    ),
  ],
  source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html',
})

/** In a bucket with versions, the newest "version" of the object says that it is deleted; older ones are there. */
export const deleteMarker = defineCause({
  id: 'delete-marker',
  title: 'A delete marker hides the object',
  narrows: ['object-missing'],
  because: (c) => `${theObject(c)} was deleted in a bucket that keeps versions: a delete marker hides it`,
  evidence: anyOf(
    wording([
      'x-amz-delete-marker: true',
      'deletemarker: true',
      'resourcetype>deletemarker',
      'is a delete marker',
    ]),
    commonSdk('MethodNotAllowed'),
    status(405),
  ),
  retry: 'after-fix',
  status: 404,
  fix: removeDeleteMarker,
  steps: (c) => [
    step('See the versions and markers of the object.', {
      run: `${s3api(c, 'list-object-versions', 'bucket')} --prefix ${quote(c.key ?? 'KEY')}`,
    }),
    step('Remove the marker, and the version under it is there again.', {
      run: `${s3api(c, 'delete-object', 'bucket', 'key')} --version-id MARKER_VERSION_ID`,
    }),
  ],
  source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html',
})

/** A name by which no bucket can be called. */
export const bucketNameInvalid = defineCause({
  id: 'bucket-name-invalid',
  title: 'The name of the bucket is not allowed',
  because: (c) => `${JSON.stringify(bucketOf(c) ?? 'that name')} cannot be the name of a bucket`,
  evidence: anyOf(
    sdk('InvalidBucketName', 'InvalidBucketNameException', 'XMinioInvalidBucketName'),
    wording([
      'the specified bucket is not valid',
      'invalid bucket name',
      'bucket name must match the regex',
      'bucket name is not valid',
      'no value provided for input http label: bucket',
    ]),
  ),
  retry: 'never',
  steps: () => [
    step(
      'Use 3 to 63 lower-case letters, digits, dots and hyphens, starting and ending with a letter or digit.',
    ),
    step('Correct the address of the store.', { run: 'modelry config' }),
  ],
  source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html',
})

/** A bucket was to be made, and there is one of that name. */
export const bucketNameTaken = defineCause({
  id: 'bucket-name-taken',
  title: 'A bucket of that name exists',
  because: (c) => `${theBucket(c)} exists already`,
  evidence: sdk('BucketAlreadyExists', 'BucketAlreadyOwnedByYou'),
  retry: 'never',
  steps: (c) => [
    step('See whether it is yours.', { run: s3api(c, 'head-bucket', 'bucket') }),
    step('Use it as it is when it is yours; choose another name when it is not.'),
  ],
  source: ERRORS,
})

/** A bucket was to be deleted; an empty key turns the deletion of an object into that of its bucket. */
export const bucketNotEmpty = defineCause({
  id: 'bucket-not-empty',
  title: 'The bucket is not empty',
  because: (c) => `${theBucket(c)} was to be deleted, and it holds objects`,
  evidence: anyOf(sdk('BucketNotEmpty'), commonSdk('ResourceNotEmpty')),
  retry: 'never',
  steps: () => [step('See that the key is not empty, which makes a deletion one of the whole bucket.')],
  source: ERRORS,
})

/** Two writes of one key, or of one bucket, at the same moment. */
export const writeConflict = defineCause({
  id: 'write-conflict',
  title: 'Another write to the same place is under way',
  because: (c) => `another write to ${theObject(c)} was under way at the same moment`,
  evidence: sdk('ConditionalRequestConflict', 'OperationAborted'),
  retry: 'safe',
  retryInMs: 1_000,
  status: 409,
  steps: () => [
    step('Make the same call again.'),
    step('Leave s3Path out, so that no two saves ever write the same address.'),
  ],
  source: ERRORS,
})

/** What the store says of the place, most likely first. */
export const s3ObjectCauses = [
  bucketMissing,
  objectArchived,
  objectLocked,
  deleteMarker,
  mfaDelete,
  writeConflict,
  bucketNameInvalid,
  bucketNameTaken,
  bucketNotEmpty,
] as const
