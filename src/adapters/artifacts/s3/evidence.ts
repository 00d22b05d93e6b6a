import { deleteMarker, objectLocked } from '../../../errors/causes/s3-objects.js'
import { Refusal } from '../refusal.js'
import { field, statusOf } from './classify.js'
import type { S3Connection } from './connection.js'
import { accessFields } from './fields.js'
import type { Place } from './place.js'
import { RequestFailure } from './retry.js'

/**
 * The failure of a HEAD, with the words that its answer had no room for: answers to HEAD have no body, so that a wrong
 * signature, an unknown key and a denial all look alike, and so do a busy store and a broken one. The same is asked with
 * GET, for one byte.
 */
export async function withWords(connection: S3Connection, place: Place, error: unknown): Promise<unknown> {
  if (!(error instanceof RequestFailure) || field(error.cause, 'Code') !== undefined) return error
  const status = statusOf(error.cause)
  if (status === undefined || status < 400 || (status > 499 && status !== 503)) return error
  try {
    const { Body } = await connection.call(
      (s3, told) =>
        s3.getObject(
          {
            ...accessFields(connection.options),
            Bucket: place.bucket,
            Key: place.key,
            Range: 'bytes=0-0',
          },
          told,
        ),
      { attempts: 1 },
    )
    const destroy = field(Body, 'destroy')
    if (typeof destroy === 'function') destroy.call(Body)
    return error
  } catch (told) {
    return told instanceof RequestFailure && statusOf(told.cause) !== undefined ? told : error
  }
}

/** Whether the bucket is missing, where a HEAD says only that something is. */
export async function bucketIsMissing(connection: S3Connection, Bucket: string): Promise<boolean> {
  try {
    await connection.call((s3, told) => s3.headBucket({ ...accessFields(connection.options), Bucket }, told))
    return false
  } catch (error) {
    return error instanceof RequestFailure && statusOf(error.cause) === 404
  }
}

/** The refusal of a deletion, told from a denial where the object says itself that it is locked. */
export async function withLock(
  connection: S3Connection,
  { bucket, key }: Place,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof RequestFailure)) return error
  const status = statusOf(error.cause)
  if (status !== 400 && status !== 403) return error
  try {
    const head = await connection.call((s3, told) =>
      s3.headObject({ ...accessFields(connection.options), Bucket: bucket, Key: key }, told),
    )
    const retained = (head.ObjectLockRetainUntilDate?.getTime() ?? 0) > Date.now()
    if (!retained && head.ObjectLockLegalHoldStatus !== 'ON') return error
    return new Refusal(objectLocked, {
      expected: head.ObjectLockRetainUntilDate,
      step: head.ObjectLockMode ?? 'legal hold',
    })
  } catch {
    return error
  }
}

/** The lack of an object, told from a delete marker where the store's answer does not name it. */
export async function withMarker(
  connection: S3Connection,
  { bucket, key }: Place,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof RequestFailure) || field(error.cause, 'Code') !== 'NoSuchKey') return error
  try {
    const { DeleteMarkers = [] } = await connection.call(
      (s3, told) =>
        s3.listObjectVersions(
          { ...accessFields(connection.options), Bucket: bucket, Prefix: key, MaxKeys: 10 },
          told,
        ),
      { attempts: 1 },
    )
    const marker = DeleteMarkers.find(({ Key, IsLatest }) => Key === key && IsLatest === true)
    return marker === undefined ? error : new Refusal(deleteMarker, { marker: marker.VersionId })
  } catch {
    return error
  }
}
