import type { S3Address } from '../domain/s3-address.js'
import type { Sha256 } from '../domain/sha256.js'

/**
 * A request that whoever has it may make in the name of the registry until it expires. It is a credential: it is handed
 * to the caller that asked for it, and never logged or shown.
 */
export interface SignedRequest {
  readonly method: 'PUT' | 'GET'
  readonly url: string
  /** They are signed: the request has to carry each as it is. */
  readonly headers: Readonly<Record<string, string>>
  readonly expiresAt: Date
}

export type DirectUpload =
  /** One request, which the store takes for the announced bytes alone, and only where nothing lies at the address. */
  | { readonly is: 'whole'; readonly request: SignedRequest }
  /** Parts of `partBytes`, the last one shorter, numbered from 1; each announced with the checksum that is named. */
  | {
      readonly is: 'parts'
      readonly uploadId: string
      readonly partBytes: number
      readonly checksum: 'crc32' | 'none'
    }

/** A part that is about to be sent. `crc32` is in base64, its four bytes in network order, as S3 has it. */
export interface AnnouncedPart {
  readonly number: number
  /** Bytes. */
  readonly size: number
  readonly crc32?: string | undefined
}

/** A part that the store took; `etag` is its answer. */
export interface SentPart {
  readonly number: number
  readonly etag: string
  readonly crc32?: string | undefined
}

/**
 * Lets others send bytes to a store and read them without this process in between.
 *
 * What is sent so was seen by nobody: `proofOf` tells where the store vouches for the bytes, and all else is to be read
 * back before anybody relies on it. What was signed can never overwrite an object.
 */
export interface DirectTransfer {
  /** Bytes; up to so many may go in one request, when their sha256 is announced. */
  readonly wholeBytes: number
  /**
   * @returns undefined when the store cannot take this file so.
   * @throws S3UploadError with reason `too-large` when it cannot take it at all.
   */
  begin(
    address: S3Address,
    file: { readonly size: number; readonly sha256?: Sha256 | undefined },
  ): Promise<DirectUpload | undefined>
  /** Signs the requests for some parts; as often as it takes, since each expires. @throws S3UploadError */
  signParts(
    address: S3Address,
    uploadId: string,
    parts: readonly AnnouncedPart[],
  ): Promise<readonly SignedRequest[]>
  /**
   * Makes the object of its parts. An upload that was completed before is none to complain of: the object is there.
   *
   * @throws S3UploadError with reason `object-exists`, `parts-refused` or `upload-gone`.
   */
  complete(
    address: S3Address,
    uploadId: string,
    parts: readonly SentPart[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<void>
  /** What lies at the address, where the store itself compared the bytes with that sha256 when they came. @throws S3Error */
  proofOf(address: S3Address): Promise<{ readonly size: number; readonly sha256: Sha256 } | undefined>
  /** Ends an upload in parts, so that the store frees them. One that is gone is left alone. @throws S3UploadError */
  abort(address: S3Address, uploadId: string): Promise<void>
  /** Ends every upload in parts that is open at or below `address`. @returns how many. @throws S3Error */
  endUploads(address: S3Address): Promise<number>
  /** @returns undefined when nothing can be signed. */
  signRead(
    address: S3Address,
    answer: { readonly mediaType: string; readonly disposition: string },
  ): Promise<SignedRequest | undefined>
}
