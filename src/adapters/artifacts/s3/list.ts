import { type S3Address, toS3Address } from '../../../domain/s3-address.js'
import { isModelRegistryError } from '../../../errors/model-registry-error.js'
import type { StoredObject, UnfinishedUpload } from '../../../ports/artifact-store.js'
import type { S3Connection } from './connection.js'
import { accessFields } from './fields.js'
import { keyUnder, PROBE_FOLDER } from './keys.js'
import { required } from './required.js'

/** Every object of the bucket whose key begins so, page by page. Keys that are no address of ours are left out. */
export async function* listObjects(
  connection: S3Connection,
  Bucket: string,
  Prefix: string,
): AsyncGenerator<StoredObject> {
  const own = `${keyUnder(connection.options.prefix, PROBE_FOLDER)}/`
  let ContinuationToken: string | undefined
  do {
    const page = await connection.call(async (s3, told) =>
      // A page of a proxy passes for an empty listing, but for the name.
      required(
        await s3.listObjectsV2(
          {
            ...accessFields(connection.options),
            Bucket,
            Prefix,
            ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
          },
          told,
        ),
        'Name',
      ),
    )
    for (const { Key, Size, LastModified } of page.Contents ?? []) {
      if (Key === undefined || Size === undefined || LastModified === undefined || Key.startsWith(own))
        continue
      const address = addressOf(Bucket, Key)
      if (address !== undefined) yield { address, size: Size, storedAt: wholeSecond(LastModified) }
    }
    // A store that gives the same token again would be asked for good.
    const next = page.IsTruncated === true ? page.NextContinuationToken : undefined
    ContinuationToken = next === ContinuationToken ? undefined : next
  } while (ContinuationToken !== undefined)
}

/** The uploads in parts that are open below the store's prefix, with what has arrived of each. */
export async function* listUploads(connection: S3Connection): AsyncGenerator<UnfinishedUpload> {
  const { bucket: Bucket, prefix } = connection.options
  const access = accessFields(connection.options)
  const below = prefix === undefined ? {} : { Prefix: `${prefix}/` }
  let markers: { KeyMarker?: string; UploadIdMarker?: string } = {}
  for (let more = true; more; ) {
    const page = await connection.call(async (s3, told) =>
      required(await s3.listMultipartUploads({ ...access, ...below, ...markers, Bucket }, told), 'Bucket'),
    )
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (Key === undefined || UploadId === undefined) continue
      const { size, touchedAt } = await arrived(connection, Key, UploadId)
      yield {
        at: `s3://${Bucket}/${Key}?uploadId=${UploadId}`,
        size,
        touchedAt: touchedAt ?? Initiated ?? new Date(),
      }
    }
    const { NextKeyMarker, NextUploadIdMarker } = page
    more = page.IsTruncated === true && NextKeyMarker !== undefined && NextKeyMarker !== markers.KeyMarker
    markers = {
      ...(NextKeyMarker === undefined ? {} : { KeyMarker: NextKeyMarker }),
      ...(NextUploadIdMarker === undefined ? {} : { UploadIdMarker: NextUploadIdMarker }),
    }
  }
}

async function arrived(
  connection: S3Connection,
  Key: string,
  UploadId: string,
): Promise<{ size: number; touchedAt: Date | undefined }> {
  let size = 0
  let touchedAt: Date | undefined
  let PartNumberMarker: string | undefined
  do {
    const page = await connection
      .call((s3, told) =>
        s3.listParts(
          {
            ...accessFields(connection.options),
            Bucket: connection.options.bucket,
            Key,
            UploadId,
            ...(PartNumberMarker === undefined ? {} : { PartNumberMarker }),
          },
          told,
        ),
      )
      // It ended between the two questions, or its parts may not be listed.
      .catch(() => undefined)
    for (const { Size = 0, LastModified } of page?.Parts ?? []) {
      size += Size
      if (LastModified !== undefined && (touchedAt === undefined || LastModified > touchedAt))
        touchedAt = LastModified
    }
    const next = page?.IsTruncated === true ? page.NextPartNumberMarker : undefined
    PartNumberMarker = next === PartNumberMarker ? undefined : next
  } while (PartNumberMarker !== undefined)
  return { size, touchedAt }
}

/** Listings have milliseconds and `Last-Modified` has none; both are to tell the same. */
export function wholeSecond(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1_000) * 1_000)
}

function addressOf(bucket: string, key: string): S3Address | undefined {
  try {
    return toS3Address(bucket, key)
  } catch (error) {
    if (isModelRegistryError(error)) return undefined
    throw error
  }
}
