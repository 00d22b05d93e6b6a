import { statusOf } from './classify.js'
import type { S3Connection } from './connection.js'
import { accessFields } from './fields.js'
import { partsOf, type UploadAt } from './list-parts.js'
import { RequestFailure } from './retry.js'

/**
 * Ends an upload in parts, so that the store frees them. A part that is still on its way when the upload ends may be kept
 * all the same, which is why it looks, and ends it again.
 *
 * @returns `gone` when the store does not know the upload: it was completed, or somebody else ended it; `left` when the
 * store refused, or parts kept coming.
 */
export async function endUpload(
  connection: S3Connection,
  at: UploadAt,
  onRefused: (error: unknown) => void = () => {},
): Promise<'ended' | 'gone' | 'left'> {
  const input = { ...accessFields(connection.options), ...at }
  for (let round = 0; round < 3; round++) {
    try {
      await connection.call((s3, told) => s3.abortMultipartUpload(input, told))
    } catch (error) {
      if (isGone(error)) return round === 0 ? 'gone' : 'ended'
      onRefused(error)
      return 'left'
    }
    if (await isOver(connection, at)) return 'ended'
  }
  return 'left'
}

/** Whether the store knows the upload. Not every store says so when it is told to end one: SeaweedFS ends what never was. */
export async function isOpen(connection: S3Connection, at: UploadAt): Promise<boolean> {
  try {
    for await (const _ of partsOf(connection, at)) break
    return true
  } catch (error) {
    // Where the caller may not list, ending it tells.
    return !isGone(error)
  }
}

async function isOver(connection: S3Connection, at: UploadAt): Promise<boolean> {
  try {
    const input = { ...accessFields(connection.options), ...at }
    const { Parts = [] } = await connection.call((s3, told) => s3.listParts(input, told))
    return Parts.length === 0
  } catch {
    // Gone, as it should be; or the caller may not list, and the store's word stands.
    return true
  }
}

function isGone(error: unknown): boolean {
  return error instanceof RequestFailure && statusOf(error.cause) === 404
}
