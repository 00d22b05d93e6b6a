import type { Part } from '@aws-sdk/client-s3'
import type { S3Connection } from './connection.js'
import { accessFields } from './fields.js'

/** An upload in parts that is open, or was. */
export interface UploadAt {
  readonly Bucket: string
  readonly Key: string
  readonly UploadId: string
}

/** What has arrived of an upload, page by page. @throws RequestFailure */
export async function* partsOf(
  connection: S3Connection,
  at: UploadAt,
  signal?: AbortSignal,
): AsyncGenerator<Part> {
  let PartNumberMarker: string | undefined
  do {
    const page = await connection.call(
      (s3, told) =>
        s3.listParts(
          {
            ...accessFields(connection.options),
            ...at,
            ...(PartNumberMarker === undefined ? {} : { PartNumberMarker }),
          },
          told,
        ),
      { signal },
    )
    yield* page.Parts ?? []
    // A store that gives the same marker again would be asked for good.
    const next = page.IsTruncated === true ? page.NextPartNumberMarker : undefined
    PartNumberMarker = next === PartNumberMarker ? undefined : next
  } while (PartNumberMarker !== undefined)
}
