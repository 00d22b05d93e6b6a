import type { UploadAt } from './list-parts.js'

const MARK = '?uploadId='

/** What an upload in parts is called outside of the driver: its address and its id, as in the URL of its requests. */
export function uploadName(bucket: string, key: string, uploadId: string): string {
  return `s3://${bucket}/${key}${MARK}${uploadId}`
}

/** The upload of that name; undefined for what is none. A key may hold the mark itself, an id does not. */
export function parseUploadName(name: string): UploadAt | undefined {
  const mark = name.lastIndexOf(MARK)
  const place = /^s3:\/\/([^/]+)\/(.+)$/s.exec(name.slice(0, Math.max(mark, 0)))
  const UploadId = name.slice(mark + MARK.length)
  const [, Bucket, Key] = place ?? []
  if (Bucket === undefined || Key === undefined || UploadId === '') return undefined
  return { Bucket, Key, UploadId }
}
