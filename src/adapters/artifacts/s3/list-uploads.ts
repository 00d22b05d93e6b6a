import type { UnfinishedUpload } from '../../../ports/artifact-store.js'
import { statusOf } from './classify.js'
import type { S3Connection } from './connection.js'
import { accessFields } from './fields.js'
import { isProbeInUse } from './keys.js'
import { required } from './required.js'
import { RequestFailure } from './retry.js'

interface OpenUpload {
  readonly Key: string
  readonly UploadId: string
  readonly Initiated: Date
}

/** The uploads in parts that are open below the store's prefix, with what has arrived of each. */
export async function* listUploads(connection: S3Connection): AsyncGenerator<UnfinishedUpload> {
  const { bucket: Bucket, prefix } = connection.options
  for await (const { Key, UploadId, Initiated } of openUploads(
    connection,
    prefix === undefined ? '' : `${prefix}/`,
  )) {
    if (isProbeInUse(prefix, Key, Initiated)) continue
    const { size, touchedAt = Initiated } = await arrived(connection, { Bucket, Key, UploadId })
    yield { at: `s3://${Bucket}/${Key}?uploadId=${UploadId}`, size, touchedAt }
  }
}

interface Markers {
  readonly KeyMarker?: string
  readonly UploadIdMarker?: string
}

/** Page by page. SeaweedFS goes on by the id alone; versitygw refuses the id of an upload in the middle of its key's. */
async function* openUploads(connection: S3Connection, Prefix: string): AsyncGenerator<OpenUpload> {
  let markers: Markers | undefined = {}
  const seen = new Set<string>()
  while (markers !== undefined) {
    let page: Awaited<ReturnType<typeof uploadPage>>
    try {
      page = await uploadPage(connection, Prefix, markers)
    } catch (error) {
      const { KeyMarker, UploadIdMarker }: Markers = markers
      if (!isRefused(error) || KeyMarker === undefined || UploadIdMarker === undefined) throw error
      const rest = await uploadPage(connection, KeyMarker, {})
      yield* rest.uploads.filter(({ Key, UploadId }) => Key === KeyMarker && !seen.has(UploadId))
      page = await uploadPage(connection, Prefix, { KeyMarker })
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
  Prefix: string,
  markers: Markers,
): Promise<{ uploads: OpenUpload[]; next: Markers | undefined }> {
  const access = accessFields(connection.options)
  const page = await connection.call(async (s3, told) =>
    required(
      await s3.listMultipartUploads(
        { ...access, ...markers, Bucket: connection.options.bucket, Prefix },
        told,
      ),
      'Bucket',
    ),
  )
  const uploads = (page.Uploads ?? []).flatMap(({ Key, UploadId, Initiated = new Date() }) =>
    Key === undefined || UploadId === undefined ? [] : [{ Key, UploadId, Initiated }],
  )
  const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page
  const stands = KeyMarker === markers.KeyMarker && UploadIdMarker === markers.UploadIdMarker
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
  { Bucket, Key, UploadId }: { readonly Bucket: string; readonly Key: string; readonly UploadId: string },
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
            Bucket: Bucket,
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
