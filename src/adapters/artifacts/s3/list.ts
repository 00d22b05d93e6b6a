import type { StoredObject } from '../../../ports/artifact-store.js'
import type { S3Connection } from './connection.js'
import { accessFields } from './fields.js'
import { addressOf, isProbeInUse } from './keys.js'
import { required } from './required.js'

/** Every object of the bucket whose key begins so, page by page. Keys that are no address of ours are left out. */
export async function* listObjects(
  connection: S3Connection,
  Bucket: string,
  Prefix: string,
): AsyncGenerator<StoredObject> {
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
      if (Key === undefined || Size === undefined || LastModified === undefined) continue
      if (isProbeInUse(connection.options.prefix, Key, LastModified)) continue
      const address = addressOf(Bucket, Key)
      if (address !== undefined) yield { address, size: Size, storedAt: wholeSecond(LastModified) }
    }
    // A store that gives the same token again would be asked for good.
    const next = page.IsTruncated === true ? page.NextContinuationToken : undefined
    ContinuationToken = next === ContinuationToken ? undefined : next
  } while (ContinuationToken !== undefined)
}

/** Listings have milliseconds and `Last-Modified` has none; both are to tell the same. */
export function wholeSecond(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1_000) * 1_000)
}
