import {
  allOf,
  anyOf,
  commonSdk,
  commonWording,
  defineCause,
  errno,
  operation,
  sdk,
  status,
  step,
  wording,
} from '../cause.js'
import { s3api, theObject } from './place.js'
import { endUploads } from './repairs.js'

const LIMITS = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html'
const ERRORS = 'https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html'

/** The multipart upload was completed, aborted, or reclaimed by a lifecycle rule. */
export const uploadGone = defineCause({
  id: 'upload-gone',
  title: 'The upload is gone',
  narrows: ['object-missing'],
  because: (c) => `the multipart upload to ${theObject(c)} was ended or aborted before it was complete`,
  evidence: anyOf(
    sdk('NoSuchUpload', 'InvalidUploadId'),
    wording(['the specified multipart upload does not exist', 'the specified upload does not exist']),
  ),
  retry: 'safe',
  fix: endUploads,
  steps: (c) => [
    step('See which uploads are open.', { run: s3api(c, 'list-multipart-uploads', 'bucket') }),
    step('Make the same call again: it starts a new upload.'),
    step(
      'When it happens to long uploads, look for a lifecycle rule (AbortIncompleteMultipartUpload) that is shorter than they take.',
      { run: s3api(c, 'get-bucket-lifecycle-configuration', 'bucket') },
    ),
  ],
  source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html',
})

/** More bytes than the store, or a proxy before it, takes in one request: 5 GB on S3. */
export const tooLarge = defineCause({
  id: 'too-large',
  title: 'Too large for one request',
  narrows: ['proxy-in-between'],
  because: (c) =>
    c.limit === undefined
      ? `${theObject(c)} is larger than the store takes in one request`
      : `${theObject(c)} has more than the ${c.expected} bytes that ${c.limit} allows`,
  evidence: anyOf(
    sdk(
      'EntityTooLarge',
      'MaxMessageLengthExceeded',
      'MaxPostPreDataLengthExceededError',
      'RequestEntityTooLarge',
    ),
    status(413),
    wording([
      'proposed upload exceeds the maximum allowed',
      'exceeded the maximum allowed size',
      'exceeds the maximum allowed object size',
      'client intended to send too large body',
    ]),
    commonWording(['request entity too large', 'payload too large']),
  ),
  retry: 'after-fix',
  status: 413,
  steps: (c) => [
    ...(c.limit === undefined
      ? []
      : [step(`Raise ${c.limit} of the store, in its address or its settings, where such files are meant.`)]),
    step('Compare the size with the limits: by default 100 MB in a single put and 5 GB in parts.'),
    step('Let large files go up in parts.', { run: 'modelry config' }),
    step(
      'Where the answer is an HTML page or comes from nginx, a proxy before the store refused it: raise its limit (client_max_body_size).',
    ),
  ],
  source: LIMITS,
})

/** Parts are numbered from 1 to 10,000, each at most 5 GB. */
export const tooLargeForMultipart = defineCause({
  id: 'too-large-for-multipart',
  title: 'Too large for the parts that are set',
  narrows: ['too-large'],
  because: (c) => `${theObject(c)} does not fit into 10,000 parts of the size that is set`,
  evidence: anyOf(
    wording([
      'exceeded 10000 parts',
      'part number must be an integer between 1 and 10000',
      'exceeds total allowed configured maxuploadparts',
      'exceeded total allowed configured maxuploadparts',
    ]),
    allOf(
      sdk('EntityTooLarge'),
      operation('UploadPart', 'UploadPartCopy', 'CompleteMultipartUpload', 'CreateMultipartUpload'),
    ),
  ),
  retry: 'after-fix',
  status: 413,
  steps: () => [
    step('Use larger parts: a part has 5 MB to 5 GB, and an upload at most 10,000 of them.'),
    step('Split what is saved into several files of one version.'),
  ],
  source: LIMITS,
})

/** Every part but the last has at least 5 MB. */
export const partTooSmall = defineCause({
  id: 'part-too-small',
  title: 'A part is too small',
  because: () => 'a part other than the last is smaller than the store takes',
  evidence: anyOf(sdk('EntityTooSmall'), wording(['proposed upload is smaller than the minimum allowed'])),
  retry: 'after-fix',
  steps: () => [
    step('Use parts of at least 5 MB (5,242,880 bytes); only the last may be smaller.'),
    step('Some stores (R2 among them) also want all parts but the last to have the same size.'),
  ],
  source: LIMITS,
})

/** A part is missing, was replaced, or the list is out of order. */
export const partsRefused = defineCause({
  id: 'parts-refused',
  title: 'The parts do not fit together',
  because: (c) => `the store does not find the parts of ${theObject(c)} as they are listed`,
  evidence: anyOf(
    sdk('InvalidPart', 'InvalidPartOrder', 'InvalidPartNumber'),
    wording([
      'specified parts could not be found',
      'list of parts was not in ascending order',
      'all non-trailing parts must have the same length',
    ]),
  ),
  retry: 'safe',
  steps: (c) => [
    step('Make the same call again: it starts a new upload with parts of its own.'),
    step('See that nobody else writes to the same upload.', {
      run: s3api(c, 'list-multipart-uploads', 'bucket'),
    }),
    step('Pass the ETag of each part exactly as the store gave it, in the order of the part numbers.'),
  ],
  source: ERRORS,
})

/** Fewer or more bytes arrived than the headers announce. */
export const incompleteBody = defineCause({
  id: 'incomplete-body',
  title: 'The body was cut',
  because: () => 'not as many bytes arrived at the store as the request announces',
  evidence: anyOf(
    sdk('IncompleteBody', 'UnexpectedEOF', 'ContentLengthMismatch'),
    errno('UND_ERR_REQ_CONTENT_LENGTH_MISMATCH'),
    wording([
      'number of bytes specified by the content-length',
      'request body length does not match content-length',
    ]),
  ),
  retry: 'safe',
  steps: () => [
    step('Make the same call again, from a file rather than a stream: it can then be read from the start.'),
    step(
      'When it happens again, see that the file does not change meanwhile, and that no proxy cuts bodies.',
    ),
  ],
  source: ERRORS,
})

/** The store wants to know the length before the bytes. */
export const lengthMissing = defineCause({
  id: 'length-missing',
  title: 'The length is not announced',
  because: () => 'the store wants to know how many bytes come, and the request does not say it',
  evidence: anyOf(
    sdk('MissingContentLength'),
    commonSdk('LengthRequired'),
    status(411),
    wording(['you must provide the content-length', 'x-amz-decoded-content-length']),
    commonWording(['length required']),
  ),
  retry: 'after-fix',
  steps: () => [
    step('Save from a file, or from bytes: a stream does not know its length.'),
    step(
      'Stores that lack chunked signing answer the same: set requestChecksumCalculation to WHEN_REQUIRED.',
      { run: 'export AWS_REQUEST_CHECKSUM_CALCULATION=when_required' },
    ),
  ],
  source: ERRORS,
})

/** What an upload alone can meet, most likely first. */
export const s3UploadCauses = [
  tooLarge,
  incompleteBody,
  uploadGone,
  partsRefused,
  partTooSmall,
  lengthMissing,
  tooLargeForMultipart,
] as const
