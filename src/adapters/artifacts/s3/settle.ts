import { createHash } from 'node:crypto'
import { statusOf } from './classify.js'
import type { S3Connection } from './connection.js'
import { openObject } from './download.js'
import { accessFields, PUT_ID } from './fields.js'
import type { Place } from './place.js'
import { required } from './required.js'
import { RequestFailure } from './retry.js'

/** Whose object lies at an address: the put's that asks, another's, nobody's; or the store does not tell. */
export type Found =
  | { readonly is: 'ours'; readonly size: number; readonly storedAt: Date }
  | { readonly is: 'other' | 'nothing' | 'not-told' }

/**
 * Reads an address back, when the answer to a put was lost: a put that won, and is made again for want of an answer, is
 * told that the address is taken.
 */
export async function readBack(connection: S3Connection, place: Place, putId: string): Promise<Found> {
  try {
    const input = { ...accessFields(connection.options), Bucket: place.bucket, Key: place.key }
    const head = await connection.call(async (s3, told) => required(await s3.headObject(input, told), 'ETag'))
    if (head.Metadata?.[PUT_ID] !== putId) return { is: 'other' }
    return { is: 'ours', size: head.ContentLength ?? 0, storedAt: head.LastModified ?? new Date() }
  } catch (error) {
    if (error instanceof RequestFailure && statusOf(error.cause) === 404) return { is: 'nothing' }
    return { is: 'not-told' }
  }
}

/** What the bytes of an object hash to; undefined when they cannot be read. */
export async function sha256At(connection: S3Connection, place: Place): Promise<string | undefined> {
  try {
    const { body } = await openObject(connection, place, undefined, undefined)
    const hash = createHash('sha256')
    for await (const piece of body) hash.update(piece)
    return hash.digest('hex')
  } catch {
    return undefined
  }
}
