import { createHash } from 'node:crypto'
import type { Part } from '@aws-sdk/client-s3'
import { statusOf } from './classify.js'
import type { S3Connection } from './connection.js'
import { digestFields } from './fields.js'
import { partsOf, type UploadAt } from './list-parts.js'
import { openUploads } from './list-uploads.js'
import type { Place } from './place.js'
import { MOST_PARTS } from './plan.js'
import { RequestFailure } from './retry.js'

/** A part that the store holds. */
export interface HeldPart {
  readonly PartNumber: number
  readonly Size: number
  readonly ETag: string
  readonly ChecksumCRC32?: string
}

/** An upload that somebody began and did not complete. */
export interface OpenUpload {
  readonly at: UploadAt
  /** Size of its parts but the last. */
  readonly partBytes: number
  readonly parts: ReadonlyMap<number, HeldPart>
}

/** The uploads that are open at an address: the one to go on with, and those that are of no use. */
export interface Resumable {
  readonly best: OpenUpload | undefined
  readonly others: readonly UploadAt[]
}

/** Amazon S3 User Guide, "Amazon S3 multipart upload limits": of all parts but the last. */
const SMALLEST_PART = 5 * 1024 ** 2

/** No more are looked into: each takes a request, and one of a dead save is what there is. */
const LOOK_INTO = 16

/**
 * What earlier puts to this address have left that an object of `size` bytes can go on with.
 *
 * Where the caller may not list, there is nothing to go on with, and the bytes are sent.
 */
export async function findResumable(
  connection: S3Connection,
  { bucket: Bucket, key }: Place,
  size: number,
  signal: AbortSignal,
): Promise<Resumable> {
  const found: OpenUpload[] = []
  const useless: UploadAt[] = []
  try {
    for await (const { Key, UploadId } of openUploads(connection, Bucket, key, signal)) {
      if (Key !== key) continue
      const at = { Bucket, Key, UploadId }
      const parts: Part[] = []
      for await (const part of partsOf(connection, at, signal)) parts.push(part)
      const upload = usable(at, parts, size)
      if (upload === undefined) useless.push(at)
      else found.push(upload)
      if (found.length + useless.length >= LOOK_INTO) break
    }
  } catch (error) {
    if (!(error instanceof RequestFailure) || !isRefused(error)) throw error
  }
  const [best, ...rest] = found.sort((a, b) => heldBytes(b) - heldBytes(a))
  return { best, others: [...useless, ...rest.map(({ at }) => at)] }
}

/** Its parts are of one size but for the last, and so few that the whole object has room in them. */
function usable(at: UploadAt, parts: readonly Part[], size: number): OpenUpload | undefined {
  const held = new Map<number, HeldPart>()
  for (const { PartNumber, Size, ETag, ChecksumCRC32 } of parts)
    if (PartNumber !== undefined && Size !== undefined && ETag !== undefined)
      held.set(PartNumber, { PartNumber, Size, ETag, ...(ChecksumCRC32 ? { ChecksumCRC32 } : {}) })
  const partBytes = Math.max(0, ...[...held.values()].map((part) => part.Size))
  if (partBytes === 0 || partBytes * MOST_PARTS < size) return undefined
  const last = Math.ceil(size / partBytes)
  if (last > 1 && partBytes < SMALLEST_PART) return undefined
  for (const { PartNumber, Size } of held.values())
    if (PartNumber < last && Size !== partBytes) return undefined
  // A last part alone does not tell how large the others are to be.
  if (held.size === 1 && held.has(last) && last > 1) return undefined
  return { at, partBytes, parts: held }
}

/** Whether the store's part is these bytes: by the digest that the store tells, or by its ETag, which is their MD5. */
export function holds(part: HeldPart | undefined, bytes: Uint8Array): part is HeldPart {
  if (part?.Size !== bytes.length) return false
  if (part.ChecksumCRC32 !== undefined)
    return part.ChecksumCRC32 === digestFields('crc32', bytes).ChecksumCRC32
  return part.ETag.replaceAll('"', '') === createHash('md5').update(bytes).digest('hex')
}

function heldBytes({ parts }: OpenUpload): number {
  return [...parts.values()].reduce((sum, { Size }) => sum + Size, 0)
}

function isRefused({ cause }: RequestFailure): boolean {
  const status = statusOf(cause)
  return status === 403 || status === 501 || status === 404
}
