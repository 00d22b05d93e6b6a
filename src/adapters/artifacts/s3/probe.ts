import { randomUUID } from 'node:crypto'
import { AWS_CAPABILITIES, type S3Capabilities } from './capabilities.js'
import { kindOfFailure, statusOf } from './classify.js'
import type { S3Connection } from './connection.js'
import { digestFields, writeFields } from './fields.js'
import { keyUnder, PROBE_FOLDER } from './keys.js'
import { removeEveryVersion } from './remove-versions.js'
import { required } from './required.js'
import { RequestFailure } from './retry.js'

const CONTENT = Buffer.from('modelry asks what this store can do')
const OTHER_CONTENT = Buffer.from('modelry asks with a digest that is not right')

/**
 * Finds out what a store can do by doing it: puts an object twice, puts one with a digest that is not its own, completes
 * an upload at an address that is taken. Leaves nothing of it.
 *
 * @throws RequestFailure when the store cannot be used at all.
 */
export async function probeCapabilities(
  connection: S3Connection,
  signal?: AbortSignal,
): Promise<S3Capabilities> {
  const Key = keyUnder(connection.options.prefix, `${PROBE_FOLDER}/${randomUUID()}`)
  try {
    const first = await firstPut(connection, Key, signal)
    const conditionalPut = first.conditional && (await refusesSecondPut(connection, Key, signal))
    const checksum = await checkedDigest(connection, Key, first.checksum, signal)
    const parts = await probeParts(connection, Key, checksum, signal)
    // Whether parts may differ in size shows only with parts of 5 MiB, so they are kept equal.
    return { ...parts, conditionalPut, checksum, equalParts: true }
  } finally {
    await Promise.all(
      [Key, `${Key}-other`].map((key) => removeEveryVersion(connection, connection.options.bucket, key)),
    ).catch(() => {})
  }
}

type Checksum = S3Capabilities['checksum']
const CHECKSUMS: readonly Checksum[] = ['crc32', 'md5', 'none']

/** The first object, with as much as the store lets it carry. */
async function firstPut(
  connection: S3Connection,
  Key: string,
  signal: AbortSignal | undefined,
): Promise<{ conditional: boolean; checksum: Checksum }> {
  let refusal: unknown
  for (const conditional of [true, false])
    for (const checksum of CHECKSUMS) {
      const put = await tried(
        connection.call(
          async (s3, told) => {
            const input = {
              ...writeFields(connection.options),
              ...digestFields(checksum, CONTENT),
              ...(conditional ? { IfNoneMatch: '*' } : {}),
              Bucket: connection.options.bucket,
              Key,
              Body: CONTENT,
              ContentLength: CONTENT.length,
            }
            // A page for people, with 200 for everything, would pass for a store that can do little.
            return required(await s3.putObject(input, told), 'ETag')
          },
          { signal },
        ),
      )
      if (put.done) return { conditional, checksum }
      // Anything but a request that the store does not understand is no matter of abilities.
      if (!isRefusalOfForm(put.error)) throw put.error
      refusal ??= put.error
    }
  throw refusal
}

async function refusesSecondPut(
  connection: S3Connection,
  Key: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const second = await tried(
    connection.call(
      (s3, told) =>
        s3.putObject({ Bucket: connection.options.bucket, Key, Body: OTHER_CONTENT, IfNoneMatch: '*' }, told),
      { signal },
    ),
  )
  return !second.done && statusOf(second.error.cause) === 412
}

/** The best digest, from the one that was taken on, by which the store turns away bytes that do not fit. */
async function checkedDigest(
  connection: S3Connection,
  Key: string,
  taken: Checksum,
  signal: AbortSignal | undefined,
): Promise<Checksum> {
  for (const checksum of CHECKSUMS.slice(CHECKSUMS.indexOf(taken))) {
    if (checksum === 'none') break
    const wrong = await tried(
      connection.call(
        (s3, told) =>
          s3.putObject(
            {
              ...digestFields(checksum, OTHER_CONTENT),
              Bucket: connection.options.bucket,
              Key: `${Key}-other`,
              Body: CONTENT,
              ContentLength: CONTENT.length,
            },
            told,
          ),
        { signal, attempts: 1 },
      ),
    )
    if (!wrong.done) return checksum
  }
  return 'none'
}

async function probeParts(
  connection: S3Connection,
  Key: string,
  checksum: Checksum,
  signal: AbortSignal | undefined,
): Promise<Pick<S3Capabilities, 'multipart' | 'conditionalComplete'>> {
  const at = { Bucket: connection.options.bucket, Key }
  const created = await tried(
    connection.call(
      (s3, told) =>
        s3.createMultipartUpload(
          { ...at, ...(checksum === 'crc32' ? { ChecksumAlgorithm: 'CRC32' as const } : {}) },
          told,
        ),
      { signal },
    ),
  )
  if (!created.done && statusOf(created.error.cause) === 501)
    return { multipart: false, conditionalComplete: false }
  if (!created.done) throw created.error
  const upload = { ...at, UploadId: created.value.UploadId }
  try {
    const part = await connection.call(
      (s3, told) =>
        s3.uploadPart({ ...upload, ...digestFields(checksum, CONTENT), PartNumber: 1, Body: CONTENT }, told),
      { signal },
    )
    const Parts = [{ PartNumber: 1, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32 }]
    const completed = await tried(
      connection.call(
        (s3, told) =>
          s3.completeMultipartUpload({ ...upload, MultipartUpload: { Parts }, IfNoneMatch: '*' }, told),
        { signal },
      ),
    )
    return {
      multipart: true,
      conditionalComplete: !completed.done && statusOf(completed.error.cause) === 412,
    }
  } finally {
    // Of an upload that was completed there is nothing to end.
    await connection.call((s3, told) => s3.abortMultipartUpload(upload, told)).catch(() => {})
  }
}

type Tried<T> =
  | { readonly done: true; readonly value: T }
  | { readonly done: false; readonly error: RequestFailure }

/** The answer, or the store's refusal. @throws what is no refusal: an outage, a signal. */
async function tried<T>(request: Promise<T>): Promise<Tried<T>> {
  try {
    return { done: true, value: await request }
  } catch (error) {
    if (!(error instanceof RequestFailure)) throw error
    const kind = kindOfFailure(error.cause)
    if (kind === 'outage' || kind === 'throttled') throw error
    return { done: false, error }
  }
}

function isRefusalOfForm({ cause }: RequestFailure): boolean {
  const status = statusOf(cause)
  return status === 400 || status === 501 || status === 411
}

/** What this store can do: known, given, or found out. */
export async function capabilitiesOf(
  connection: S3Connection,
  signal?: AbortSignal,
): Promise<S3Capabilities> {
  const given = connection.options.capabilities ?? 'probe'
  if (given !== 'probe') return given
  return (await connection.isAws()) ? AWS_CAPABILITIES : probeCapabilities(connection, signal)
}
