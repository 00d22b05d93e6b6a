import { createHash, randomUUID } from 'node:crypto'
import { isSha256, type Sha256 } from '../../../domain/sha256.js'
import { kindOfFailure } from './classify.js'
import type { S3Connection } from './connection.js'
import { accessFields, writeFields } from './fields.js'
import { keyUnder, PROBE_FOLDER } from './keys.js'
import type { Place } from './place.js'
import { removeEveryVersion } from './remove-versions.js'
import { RequestFailure } from './retry.js'

const CONTENT = Buffer.from('modelry asks whether a sha256 is compared')
const OTHER_SHA256 = createHash('sha256').update('something else').digest('base64')

/**
 * Whether the store compares the bytes of a put with the sha256 that is announced with them. AWS does (Amazon S3 User
 * Guide, "Checking object integrity"); others keep what they are told, so they are sent one that is not right.
 */
export async function comparesSha256(connection: S3Connection): Promise<boolean> {
  if (await connection.isAws()) return true
  const { bucket: Bucket, prefix } = connection.options
  const Key = keyUnder(prefix, `${PROBE_FOLDER}/${randomUUID()}`)
  try {
    await connection.call(
      (s3, told) =>
        s3.putObject(
          {
            ...writeFields(connection.options),
            ...{ Bucket, Key, Body: CONTENT, ContentLength: CONTENT.length, ChecksumSHA256: OTHER_SHA256 },
          },
          told,
        ),
      { attempts: 1 },
    )
  } catch (error) {
    const kind = error instanceof RequestFailure ? kindOfFailure(error.cause) : 'outage'
    // An outage tells nothing of what the store can do.
    if (kind === 'outage' || kind === 'throttled') throw error
    return true
  }
  await removeEveryVersion(connection, Bucket, Key).catch(() => {})
  return false
}

/** The sha256 that the store keeps with an object, if it is one of the whole, and not of its parts' digests. */
export async function keptSha256(
  connection: S3Connection,
  { bucket: Bucket, key: Key }: Place,
): Promise<{ readonly size: number; readonly sha256: Sha256 } | undefined> {
  const { ChecksumSHA256, ChecksumType, ContentLength } = await connection.call((s3, told) =>
    s3.headObject({ ...accessFields(connection.options), Bucket, Key, ChecksumMode: 'ENABLED' }, told),
  )
  if (ChecksumType === 'COMPOSITE' || ContentLength === undefined) return undefined
  if (ChecksumSHA256 === undefined || !/^[A-Za-z0-9+/]{43}=$/.test(ChecksumSHA256)) return undefined
  const sha256 = Buffer.from(ChecksumSHA256, 'base64').toString('hex')
  return isSha256(sha256) ? { size: ContentLength, sha256 } : undefined
}
