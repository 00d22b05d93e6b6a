import { allOf, anyOf, commonSdk, commonWording, defineCause, sdk, status, step, wording } from '../cause.js'
import { bucketOf, quote, s3api, theBucket } from './place.js'
import { waitForStore } from './repairs.js'

const ERRORS = 'https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html'

/** The disk of the store, or the quota of the bucket or account, is used up. */
export const storeFull = defineCause({
  id: 'store-full',
  title: 'The store is full',
  narrows: ['disk-full'],
  because: (c) => `the store has no room left, or the quota of ${theBucket(c)} is used up`,
  evidence: anyOf(
    sdk(
      'InsufficientStorage',
      'QuotaExceededException',
      'StorageQuotaExceeded',
      'XMinioStorageFull',
      'XMinioAdminBucketQuotaExceeded',
    ),
    commonSdk('QuotaExceeded', 'ServiceQuotaExceeded', 'InsufficientCapacity'),
    status(507),
    wording(['bucket quota exceeded', 'minimum free drive threshold', 'storage backend has reached']),
    commonWording(['insufficient storage']),
  ),
  retry: 'after-fix',
  status: 507,
  steps: (c) => [
    step('See what takes the room; the last two lines have the number of objects and their size.', {
      run: `aws s3 ls ${quote(`s3://${bucketOf(c) ?? 'BUCKET'}`)} --recursive --summarize`,
    }),
    step('See whether uploads that were never completed take it: their parts count and are not listed.', {
      run: s3api(c, 'list-multipart-uploads', 'bucket'),
    }),
    step('Delete versions that nobody needs, or have the disk enlarged; then make the same call again.'),
  ],
  source: 'https://www.rfc-editor.org/rfc/rfc4918#section-11.5',
})

/** Too many requests in a short time; the SDK has retried already. */
export const throttled = defineCause({
  id: 'throttled',
  title: 'The store asks to slow down',
  because: (c) => `the store takes fewer requests a second for ${theBucket(c)} than were sent`,
  evidence: anyOf(
    sdk(
      'SlowDown',
      'SlowDownRead',
      'SlowDownWrite',
      'RequestLimitExceeded',
      'RequestThrottled',
      'RequestThrottledException',
      'BandwidthLimitExceeded',
      'PriorRequestNotComplete',
    ),
    commonSdk(
      'TooManyRequests',
      'TooManyRequestsException',
      'Throttling',
      'ThrottlingException',
      'ThrottledException',
      'RateLimitExceeded',
      'RateExceeded',
    ),
    status(429),
    wording(['reduce your request rate', 'resource requested is…high demand']),
    commonWording(['slow down', 'rate exceeded', 'too many requests']),
  ),
  retry: 'safe',
  retryInMs: 5_000,
  status: 503,
  outcome: 'not-applied',
  fix: waitForStore,
  steps: (c) => [
    step(
      c.retryInMs === undefined
        ? 'Wait some seconds and make the same call again; wait longer each time.'
        : `Wait ${Math.ceil(c.retryInMs / 1000)} s and make the same call again; wait longer each time.`,
    ),
    step('Send fewer requests at once. S3 takes 3,500 writes and 5,500 reads a second for each prefix.'),
    step('Look for another job that works on the same bucket at the same time.'),
  ],
  source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html',
})

/** A fault inside of the store. */
export const storeFault = defineCause({
  id: 'store-fault',
  title: 'The store failed inside',
  broad: true,
  because: () => 'the store reported a fault of its own',
  evidence: anyOf(
    sdk(
      'XMinioServerNotInitialized',
      'XMinioBackendDown',
      'XMinioReadQuorum',
      'XMinioWriteQuorum',
      '503 Service Unavailable',
    ),
    commonSdk(
      'InternalError',
      'InternalFailure',
      'InternalServerError',
      'ServiceUnavailable',
      'ServiceUnavailableException',
      'ServiceException',
    ),
    status(500),
    status(502),
    status(503, {
      not: ['SlowDown', 'SlowDownRead', 'SlowDownWrite', 'Throttling', 'XMinioServerNotInitialized'],
    }),
    status(504),
    wording([
      'we encountered an internal error',
      'service is unable to handle request',
      'please try again…internal error',
    ]),
  ),
  retry: 'safe',
  retryInMs: 5_000,
  status: 503,
  outcome: 'unknown',
  fix: waitForStore,
  steps: (c) => [
    step('Wait some seconds and make the same call again.'),
    step('See whether AWS reports a fault; for another store, read its own log.', {
      run: 'curl -sSI https://health.aws.amazon.com/health/status',
    }),
    step('See whether the bucket answers at all.', { run: s3api(c, 'head-bucket', 'bucket') }),
    step('When it goes on, report it with the request id that the answer carries.'),
  ],
  source: ERRORS,
})

/** The store does not know a header or operation that the request uses. Stores other than AWS differ here. */
export const notImplemented = defineCause({
  id: 'not-implemented',
  title: 'The store cannot do this',
  narrows: ['checksum-mismatch', 'length-missing'],
  because: () => 'the store does not implement a header or operation that the request uses',
  evidence: anyOf(
    sdk('FeatureNotEnabled', 'UnsupportedHeader', 'XNotImplemented'),
    commonSdk('NotImplemented', 'UnsupportedOperation', 'NotSupported'),
    status(501),
    wording([
      'functionality that is not implemented',
      'header…not implemented',
      'streaming-unsigned-payload-trailer…not',
      'x-amz-content-sha256 must be unsigned-payload',
    ]),
    commonWording(['unsupported header']),
    allOf(
      commonSdk('InvalidArgument', 'InvalidRequest'),
      wording(['x-amz-trailer', 'x-amz-sdk-checksum-algorithm', 'aws-chunked', 'trailing checksum']),
    ),
  ),
  retry: 'after-fix',
  status: 501,
  steps: () => [
    step(
      'Newer SDKs send checksums that many stores refuse: send them only where the operation asks for it.',
      {
        run: 'export AWS_REQUEST_CHECKSUM_CALCULATION=when_required AWS_RESPONSE_CHECKSUM_VALIDATION=when_required',
      },
    ),
    step('See which header or feature the answer names: a newer release of the store often has it.'),
    step('Turn off in the address of the store what it cannot do, such as server-side encryption or tags.', {
      run: 'modelry config',
    }),
  ],
  source: 'https://docs.aws.amazon.com/sdkref/latest/guide/feature-dataintegrity.html',
})

/** The store read the request and found a fault in it that has no cause of its own here. */
export const requestRefused = defineCause({
  id: 'request-refused',
  title: 'The store refused the request',
  broad: true,
  because: () => 'the store found the request malformed or an argument of it wrong',
  evidence: anyOf(
    sdk(
      'MalformedXML',
      'MalformedPOSTRequest',
      'MetadataTooLarge',
      'MissingRequestBodyError',
      'InvalidTag',
      'InvalidStorageClass',
      'InvalidEncryptionAlgorithmError',
      'InvalidBucketState',
      'UserKeyMustBeSpecified',
      'UnsupportedArgument',
      'InvalidMimeType',
      'ParamValidationError',
      'NoSuchLifecycleConfiguration',
      'NoSuchBucketPolicy',
    ),
    commonSdk('InvalidRequest', 'InvalidArgument', 'MissingParameter', 'InvalidParameter', 'BadRequest'),
    status(400),
  ),
  retry: 'never',
  status: 502,
  steps: () => [
    step('Read the message of the store: it names the argument.'),
    step('See what the registry uses as its store: storage class, encryption, tags, prefix.', {
      run: 'modelry config',
    }),
    step(
      'An empty key reaches the store as a call on the bucket, and MalformedXML is then its answer: see that the key is not empty.',
    ),
  ],
  source: ERRORS,
})

/** What the store says of itself and of the request, most likely first. */
export const s3ServiceCauses = [throttled, storeFault, storeFull, notImplemented, requestRefused] as const
