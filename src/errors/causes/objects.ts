import { defineCause, errno, knownToRegistry, step } from '../cause.js'

/** The address holds nothing. */
export const objectMissing = defineCause({
  id: 'object-missing',
  title: 'The object is not there',
  because: (c) => `nothing is stored at ${c.s3Path ?? 'that address'}`,
  evidence: errno('ENOENT'),
  retry: 'after-fix',
  status: 404,
  steps: (c) => [
    ...(c.modelId && c.version
      ? [
          step('See which files of the version are there.', {
            run: `modelry verify ${c.modelId}@${c.version}`,
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
  evidence: errno('EEXIST'),
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
  title: 'The bytes do not match their sha256',
  because: (c) =>
    `its bytes hash to sha256 ${String(c.actual ?? 'something else')} where ${String(c.expected ?? 'another value')} is expected`,
  evidence: knownToRegistry,
  retry: 'after-fix',
  status: 422,
  steps: (c) => [
    step('Do not use the bytes: they are not those that were saved.'),
    ...(c.modelId && c.version
      ? [step('See which files are damaged.', { run: `modelry verify ${c.modelId}@${c.version}` })]
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
    `${String(c.actual ?? 'another number of')} bytes arrived where ${String(c.expected ?? 'another number')} were announced`,
  evidence: knownToRegistry,
  retry: 'safe',
  status: 400,
  steps: () => [
    step('Send the whole file again; if it happens again, look for a proxy that cuts or rewrites bodies.'),
  ],
  source: 'modelry',
})

/** The stream that the caller gave ended with an error or early. */
export const sourceFailed = defineCause({
  id: 'source-failed',
  title: 'The source of the bytes failed',
  because: (c) => `the source of ${c.file ?? 'the bytes'} failed while it was read`,
  evidence: knownToRegistry,
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
  because: (c) => `the range ${String(c.actual ?? '')} lies outside its ${String(c.expected ?? 'few')} bytes`,
  evidence: knownToRegistry,
  retry: 'never',
  status: 416,
  steps: () => [step('Ask for a range that starts before the end of the object.')],
  source: 'https://www.rfc-editor.org/rfc/rfc9110#section-14.1.2',
})

/** The caller's AbortSignal fired. */
export const aborted = defineCause({
  id: 'aborted',
  title: 'The caller ended the operation',
  because: () => 'the caller ended it',
  evidence: knownToRegistry,
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
  evidence: knownToRegistry,
  retry: 'safe',
  status: 409,
  steps: () => [
    step(
      'Make the same call again; if the process was paused for long, find out why (swap, debugger, suspended machine).',
    ),
  ],
  source: 'modelry',
})

/** All bytes are as they were saved, but they are not of the format that was asked for. */
export const fileNotParsable = defineCause({
  id: 'file-not-parsable',
  title: 'The file is not of that format',
  because: (c) =>
    `its bytes are as they were saved, but they are not ${String(c.expected ?? 'of that format')}`,
  evidence: knownToRegistry,
  retry: 'never',
  status: 422,
  steps: (c) => [
    step(
      `Read ${c.file ?? 'the file'} as bytes, or ask for the file that holds ${String(c.expected ?? 'that')}.`,
    ),
  ],
  source: 'modelry',
})

/** The version has no file of that path, or several where one is meant. */
export const fileUnknown = defineCause({
  id: 'file-unknown',
  title: 'No such file in the version',
  because: (c) => `the version has no file ${c.file ?? ''}; it has ${String(c.expected ?? 'others')}`,
  evidence: knownToRegistry,
  retry: 'never',
  status: 404,
  steps: (c) => [step(`Name one of its files: ${String(c.expected ?? '')}.`)],
  source: 'modelry',
})
