import { Readable } from 'node:stream'
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3'
import { notImplemented } from '../../../errors/causes/s3-service.js'
import type { ByteRange } from '../../../ports/artifact-store.js'
import { Refusal } from '../refusal.js'
import { statusOf } from './classify.js'
import type { S3Connection } from './connection.js'
import { accessFields } from './fields.js'
import type { Place } from './place.js'
import { isWellFormed, parseContentRange, rangeHeader, refuseRange } from './range.js'
import { required } from './required.js'
import { RequestFailure } from './retry.js'

/** An object's bytes, from the first that was asked for. */
export interface Opened {
  readonly body: Readable
  readonly length: number
  /** Asks for the bytes from the `offset`-th of these on. */
  readonly continueAt: (offset: number, signal: AbortSignal) => Promise<Readable>
}

/** @throws Refusal for a range outside of the object, RequestFailure, or the signal's reason. */
export async function openObject(
  connection: S3Connection,
  place: Place,
  range: ByteRange | undefined,
  signal: AbortSignal | undefined,
): Promise<Opened> {
  const whole = { body: Readable.from([]), length: 0, continueAt: async () => Readable.from([]) }
  if (range !== undefined && !isWellFormed(range)) {
    refuseRange(range, await sizeOf(connection, place, signal))
    return whole
  }
  const answer = await get(connection, place, range, {}, signal).catch(async (error: unknown) => {
    const unsatisfiable = error instanceof RequestFailure && statusOf(error.cause) === 416
    if (range === undefined || !unsatisfiable) throw error
    refuseRange(range, await sizeOf(connection, place, signal))
    return undefined
  })
  if (answer === undefined) return whole
  const start = range?.start ?? 0
  const length = answer.ContentLength
  return {
    body: answer.body,
    length,
    continueAt: async (offset, ended) => {
      const rest = { start: start + offset, end: start + length }
      const stop = signal === undefined ? ended : AbortSignal.any([signal, ended])
      return (await get(connection, place, rest, { IfMatch: answer.ETag }, stop)).body
    },
  }
}

async function get(
  connection: S3Connection,
  { bucket, key }: Place,
  range: ByteRange | undefined,
  condition: { readonly IfMatch?: string },
  signal: AbortSignal | undefined,
) {
  return connection.call(
    async (s3, told) => {
      const answer = await s3.getObject(
        {
          ...accessFields(connection.options),
          ...condition,
          ...(range === undefined ? {} : { Range: rangeHeader(range) }),
          Bucket: bucket,
          Key: key,
        },
        told,
      )
      const { Body } = answer
      if (!(Body instanceof Readable)) throw new TypeError('the SDK gave no stream of Node')
      // Who reads it hears of its errors; before that, none may end the process.
      Body.on('error', () => {})
      try {
        return { ...required(required(answer, 'ETag'), 'ContentLength'), body: placedAt(range, answer, Body) }
      } catch (error) {
        Body.destroy()
        throw error
      }
    },
    { signal },
  )
}

/** The body, where it begins with the byte that was asked for. */
function placedAt(
  range: ByteRange | undefined,
  { ContentRange }: GetObjectCommandOutput,
  body: Readable,
): Readable {
  if (range === undefined || parseContentRange(ContentRange)?.start === range.start) return body
  throw new Refusal(notImplemented, { problem: 'it answered a part of an object with something else' })
}

async function sizeOf(
  connection: S3Connection,
  { bucket, key }: Place,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { ContentLength } = await connection.call(
    async (s3, told) =>
      required(
        await s3.headObject({ ...accessFields(connection.options), Bucket: bucket, Key: key }, told),
        'ContentLength',
      ),
    { signal },
  )
  return ContentLength
}
