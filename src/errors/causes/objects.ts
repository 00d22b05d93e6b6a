import {
  allOf,
  anyOf,
  commonErrno,
  commonSdk,
  commonWording,
  defineCause,
  errno,
  knownToRegistry,
  sdk,
  sqlstate,
  status,
  step,
  wording,
} from '../cause.js'
import { quote } from './place.js'

/** The address holds nothing. */
export const objectMissing = defineCause({
  id: 'object-missing',
  title: 'The object is not there',
  because: (c) => `nothing is stored at ${c.s3Path ?? 'that address'}`,
  evidence: anyOf(
    commonErrno('ENOENT'),
    sdk('NoSuchKey', 'NoSuchVersion', 'NoSuchObject', 'NoSuchKeyException'),
    commonSdk('NotFound', 'ObjectNotFound'),
    status(404, { not: ['NoSuchBucket', 'NoSuchUpload', 'BucketNotFound'] }),
    wording([
      'the specified key does not exist',
      'the specified object does not exist',
      'the specified version does not exist',
      'the resource was not found',
    ]),
    commonWording(['object not found']),
  ),
  retry: 'after-fix',
  status: 404,
  steps: (c) => [
    ...(c.modelId && c.version
      ? [
          step('See which files of the version are there.', {
            run: `modelry verify ${quote(`${c.modelId}@${c.version}`)}`,
          }),
        ]
      : []),
    step(
      `Put the object back at ${c.s3Path ?? 'its address'} from a backup, byte for byte, or save a new version.`,
    ),
  ],
  source: 'modelry',
})

/** The address holds something already, and addresses are written once. */
export const objectExists = defineCause({
  id: 'object-exists',
  title: 'The address is taken',
  because: (c) =>
    `an object is stored at ${c.s3Path ?? 'that address'} already, and an address is written once`,
  evidence: anyOf(
    commonErrno('EEXIST'),
    sdk('KeyAlreadyExists', 'ObjectAlreadyExists'),
    commonSdk('PreconditionFailed', 'ResourceAlreadyExists', 'Duplicate'),
    status(412),
    wording(['pre-conditions you specified did not hold', 'the resource already exists']),
  ),
  retry: 'never',
  status: 409,
  steps: () => [
    step('Leave s3Path out, and the registry chooses an address that nobody else uses.'),
    step('To register the object that is there as it is, pass fromStored(s3Path) as the model.'),
  ],
  source: 'modelry',
})

/** The bytes are not those that were announced or recorded. */
export const checksumMismatch = defineCause({
  id: 'checksum-mismatch',
  title: 'The bytes do not match their checksum',
  because: (c) =>
    c.actual === undefined || c.expected === undefined
      ? 'the bytes do not match the checksum that goes with them'
      : `its bytes hash to sha256 ${c.actual} where ${c.expected} is expected`,
  evidence: anyOf(
    knownToRegistry,
    sdk(
      'BadDigest',
      'InvalidDigest',
      'XAmzContentChecksumMismatch',
      'XAmzContentSHA256Mismatch',
      'FlexibleChecksumError',
      'DigestMismatch',
    ),
    commonSdk('InvalidChecksum', 'ChecksumMismatch'),
    wording([
      'did not match the calculated checksum',
      'did not match what we received',
      'does not match what was computed',
      'checksum…did not match',
      'checksum…does not match',
      'hash to sha256',
      'sha256 mismatch',
      'sha-256 mismatch',
    ]),
    commonWording(['checksum mismatch', 'digest mismatch']),
  ),
  retry: 'after-fix',
  status: 422,
  steps: (c) => [
    step('Do not use the bytes: they are not those that were saved.'),
    ...(c.modelId && c.version
      ? [
          step('See which files are damaged.', {
            run: `modelry verify ${quote(`${c.modelId}@${c.version}`)}`,
          }),
        ]
      : []),
    step('Restore the object from a backup, or save the model again under a new version.'),
  ],
  source: 'modelry',
})

/** More or fewer bytes arrived than were announced. */
export const lengthMismatch = defineCause({
  id: 'length-mismatch',
  title: 'The number of bytes is not the announced one',
  because: (c) =>
    `${c.actual ?? 'another number of'} bytes arrived where ${c.expected ?? 'another number'} were announced`,
  evidence: anyOf(knownToRegistry, wording(['bytes arrived where…were announced'])),
  retry: 'safe',
  status: 400,
  steps: () => [
    step('If it was sent: send the whole file again. A proxy may cut or rewrite bodies.'),
    step('If it was read: the stored object is damaged. Restore it, or save the model as a new version.'),
  ],
  source: 'modelry',
})

/** The stream that the caller gave ended with an error or early. */
export const sourceFailed = defineCause({
  id: 'source-failed',
  title: 'The source of the bytes failed',
  because: (c) => `the source of ${c.file ?? 'the bytes'} failed while it was read`,
  evidence: anyOf(
    knownToRegistry,
    wording(['failed while it was read', 'error reading source stream', 'source stream…error']),
  ),
  retry: 'after-fix',
  status: 400,
  steps: () => [
    step('Read the error underneath, in error.cause: it comes from the file or stream that was handed in.'),
  ],
  source: 'modelry',
})

/** The range lies outside the object. */
export const invalidRange = defineCause({
  id: 'invalid-range',
  title: 'The range lies outside the object',
  because: (c) =>
    `the range ${c.actual === undefined ? 'asked for' : String(c.actual)} lies outside ${c.expected === undefined ? 'the object' : `its ${c.expected} bytes`}`,
  evidence: anyOf(
    knownToRegistry,
    sdk('RequestedRangeNotSatisfiable'),
    commonSdk('InvalidRange'),
    status(416),
    wording(['requested range is not satisfiable', 'range not satisfiable']),
  ),
  retry: 'never',
  status: 416,
  steps: () => [step('Ask for a range that starts before the end of the object.')],
  source: 'https://www.rfc-editor.org/rfc/rfc9110#section-14.1.2',
})

/** The object belongs to a save or a deletion that is under way, and may be gone when that ends. */
export const objectUnderway = defineCause({
  id: 'object-underway',
  title: 'The object belongs to a save or a deletion under way',
  because: (c) =>
    `the object at ${c.s3Path ?? 'that address'} belongs to a save or a deletion that is under way`,
  evidence: knownToRegistry,
  retry: 'after-fix',
  status: 409,
  steps: (c) => [
    step('See what is under way.', { run: 'modelry scan' }),
    step(`Wait for it to end, then register ${c.s3Path ?? 'the object'} if it is still there.`),
  ],
  source: 'modelry',
})

/** The caller's AbortSignal fired. */
export const aborted = defineCause({
  id: 'aborted',
  title: 'The caller ended the operation',
  narrows: ['statement-timeout'],
  because: () => 'the caller ended it',
  evidence: anyOf(
    knownToRegistry,
    errno('UND_ERR_ABORTED'),
    commonErrno('ABORT_ERR', 'ERR_CANCELED'),
    commonSdk('AbortError', 'CanceledError', 'RequestAbortedError', 'RequestAborted'),
    allOf(
      sqlstate('57014'),
      wording(['due to user request'], {
        de: ['wegen benutzeranfrage', 'auf benutzeranfrage'],
      }),
    ),
    wording(['upload aborted', 'the caller ended it']),
    commonWording(['request aborted', 'this operation was aborted', 'the user aborted a request']),
  ),
  retry: 'safe',
  status: 499,
  steps: () => [step('Make the same call again when it is wanted.')],
  source: 'https://developer.mozilla.org/docs/Web/API/AbortSignal',
})

/** The reservation of the version ran out, or another save took it over. */
export const leaseLost = defineCause({
  id: 'lease-lost',
  title: 'The lease ran out',
  because: () => 'its lease ran out before the work was done, and another may have taken over',
  evidence: anyOf(
    knownToRegistry,
    wording(['its lease ran out', 'lease was lost']),
    commonWording(['lease expired', 'lease has expired']),
  ),
  retry: 'safe',
  status: 409,
  steps: () => [step('Make the same call again; if the process was paused for long, find out why.')],
  source: 'modelry',
})

/** All bytes are as they were saved, but they are not of the format that was asked for. */
export const fileNotParsable = defineCause({
  id: 'file-not-parsable',
  title: 'The file is not of that format',
  because: (c) => `its bytes are as they were saved, but they are not ${c.expected ?? 'of that format'}`,
  evidence: knownToRegistry,
  retry: 'never',
  status: 422,
  steps: (c) => [
    step(`Read ${c.file ?? 'the file'} as bytes, or ask for the file that holds ${c.expected ?? 'that'}.`),
  ],
  source: 'modelry',
})

/** The version has no file of that path, or several where one is meant. */
export const fileUnknown = defineCause({
  id: 'file-unknown',
  title: 'No such file in the version',
  because: (c) => `the version has no file ${c.file ?? 'of that name'}; it has ${c.expected ?? 'others'}`,
  evidence: knownToRegistry,
  retry: 'never',
  status: 404,
  steps: (c) => [
    c.expected === undefined
      ? step('Name one of its files.', {
          run: `modelry get ${c.modelId && c.version ? quote(`${c.modelId}@${c.version}`) : 'MODEL@VERSION'}`,
        })
      : step(`Name one of its files: ${c.expected}.`),
  ],
  source: 'modelry',
})
