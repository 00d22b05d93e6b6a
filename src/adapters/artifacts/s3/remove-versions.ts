import type { S3Connection } from './connection.js'
import { accessFields } from './fields.js'

/** Removes an object so that nothing of it is left in a versioned bucket either: no version, no delete marker. */
export async function removeEveryVersion(
  connection: S3Connection,
  Bucket: string,
  Key: string,
): Promise<void> {
  const access = accessFields(connection.options)
  await connection.call((s3, told) => s3.deleteObject({ ...access, Bucket, Key }, told))
  const versions = await connection
    .call((s3, told) => s3.listObjectVersions({ ...access, Bucket, Prefix: Key }, told))
    // Not every store knows versions, and not everybody may list them.
    .catch(() => undefined)
  const listed = [...(versions?.Versions ?? []), ...(versions?.DeleteMarkers ?? [])]
  for (const { Key: key, VersionId } of listed)
    if (key === Key && VersionId !== undefined && VersionId !== 'null')
      await connection.call((s3, told) => s3.deleteObject({ ...access, Bucket, Key, VersionId }, told))
}
