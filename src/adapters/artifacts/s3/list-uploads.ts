import type { UnfinishedUpload } from '../../../ports/artifact-store.js'
import { statusOf } from './classify.js'
import type { S3Connection } from './connection.js'
import { accessFields } from './fields.js'
import { addressOf, isProbeInUse } from './keys.js'
import { partsOf, type UploadAt } from './list-parts.js'
import type { Place } from './place.js'
import { required } from './required.js'
import { RequestFailure } from './retry.js'
import { uploadName } from './upload-name.js'

interface OpenUpload {
  readonly Key: string
  readonly UploadId: string
  readonly Initiated: Date
}

/** The uploads in parts that are open at or below `prefix`, or else the store's, with what has arrived of each. */
export async function* listUploads(
  connection: S3Connection,
  prefix: Pick<Place, 'bucket' | 'key'> | undefined,
): AsyncGenerator<UnfinishedUpload> {
  const { bucket, prefix: below } = connection.options
  const Bucket = prefix?.bucket ?? bucket
  const Prefix = prefix?.key ?? (below === undefined ? '' : `${below}/`)
  for await (const { Key, UploadId, Initiated } of openUploads(connection, Bucket, Prefix)) {
    if (isProbeInUse(below, Key, Initiated)) continue
    if (prefix !== undefined && Key !== prefix.key && !Key.startsWith(`${prefix.key}/`)) continue
    const { size, touchedAt = Initiated } = await arrived(connection, { Bucket, Key, UploadId })
    const address = addressOf(Bucket, Key)
    const upload = { at: uploadName(Bucket, Key, UploadId), size, touchedAt }
    yield address === undefined ? upload : { ...upload, address }
  }
}

interface Markers {
  readonly KeyMarker?: string
  readonly UploadIdMarker?: string
}

/** Page by page. SeaweedFS goes on by the id alone; versitygw refuses the id of an upload in the middle of its key's. */
export async function* openUploads(
  connection: S3Connection,
  Bucket: string,
  Prefix: string,
  signal?: AbortSignal,
): AsyncGenerator<OpenUpload> {
  let markers: Markers | undefined = {}
  const seen = new Set<string>()
  while (markers !== undefined) {
    let page: Awaited<ReturnType<typeof uploadPage>>
    try {
      page = await uploadPage(connection, { Bucket, Prefix, ...markers }, signal)
    } catch (error) {
      const { KeyMarker, UploadIdMarker }: Markers = markers
      if (!isRefused(error) || KeyMarker === undefined || UploadIdMarker === undefined) throw error
      const rest = await uploadPage(connection, { Bucket, Prefix: KeyMarker }, signal)
      yield* rest.uploads.filter(({ Key, UploadId }) => Key === KeyMarker && !seen.has(UploadId))
      page = await uploadPage(connection, { Bucket, Prefix, KeyMarker }, signal)
    }
    for (const upload of page.uploads) {
      seen.add(upload.UploadId)
      yield upload
    }
    markers = page.next
  }
}

async function uploadPage(
  connection: S3Connection,
  asked: Markers & { readonly Bucket: string; readonly Prefix: string },
  signal: AbortSignal | undefined,
): Promise<{ uploads: OpenUpload[]; next: Markers | undefined }> {
  const page = await connection.call(
    async (s3, told) =>
      required(
        await s3.listMultipartUploads({ ...accessFields(connection.options), ...asked }, told),
        'Bucket',
      ),
    { signal },
  )
  const uploads = (page.Uploads ?? []).flatMap(({ Key, UploadId, Initiated = new Date() }) =>
    Key === undefined || UploadId === undefined ? [] : [{ Key, UploadId, Initiated }],
  )
  const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page
  const stands = KeyMarker === asked.KeyMarker && UploadIdMarker === asked.UploadIdMarker
  if (page.IsTruncated !== true || stands) return { uploads, next: undefined }
  return {
    uploads,
    next: {
      ...(KeyMarker === undefined ? {} : { KeyMarker }),
      ...(UploadIdMarker === undefined ? {} : { UploadIdMarker }),
    },
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof RequestFailure && statusOf(error.cause) === 400
}

async function arrived(
  connection: S3Connection,
  at: UploadAt,
): Promise<{ size: number; touchedAt: Date | undefined }> {
  let size = 0
  let touchedAt: Date | undefined
  try {
    for await (const { Size = 0, LastModified } of partsOf(connection, at)) {
      size += Size
      if (LastModified !== undefined && (touchedAt === undefined || LastModified > touchedAt))
        touchedAt = LastModified
    }
  } catch {
    // It ended between the two questions, or its parts may not be listed.
  }
  return { size, touchedAt }
}
