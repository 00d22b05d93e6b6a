import { statusOf } from './classify.js'
import type { S3Connection } from './connection.js'
import { accessFields } from './fields.js'
import type { Place } from './place.js'
import { required } from './required.js'
import { RequestFailure } from './retry.js'

/** Ends what is open at a key or below it, a page after the other: each page begins where the last one was cleared. */
export async function endUploadsBelow(
  connection: S3Connection,
  { bucket: Bucket, key }: Place,
): Promise<number> {
  const access = accessFields(connection.options)
  const ended = new Set<string>()
  for (;;) {
    const before = ended.size
    const { Uploads = [], IsTruncated } = await connection.call(async (s3, told) =>
      required(await s3.listMultipartUploads({ ...access, Bucket, Prefix: key }, told), 'Bucket'),
    )
    for (const { Key, UploadId } of Uploads) {
      if (Key === undefined || UploadId === undefined || ended.has(UploadId)) continue
      if (Key !== key && !Key.startsWith(`${key}/`)) continue
      await connection
        .call((s3, told) => s3.abortMultipartUpload({ ...access, Bucket, Key, UploadId }, told))
        .catch((error: unknown) => {
          if (!(error instanceof RequestFailure) || statusOf(error.cause) !== 404) throw error
        })
      ended.add(UploadId)
    }
    if (IsTruncated !== true || ended.size === before) return ended.size
  }
}
