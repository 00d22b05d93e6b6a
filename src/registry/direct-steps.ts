import type { ModelFile } from '../domain/model-record.js'
import type { AnnouncedPart, DirectUpload, SentPart, SignedRequest } from '../ports/direct-transfer.js'

/**
 * The files of a save whose bytes go to the store without this process in between. Nothing is kept in memory between
 * the steps: whoever sends keeps the upload's id, and can use it for the address of that one file alone.
 */
export interface DirectSteps {
  /** Bytes; up to so many may go in one request when their sha256 is announced. Undefined where nothing goes directly. */
  readonly wholeBytes: number | undefined
  /** @returns undefined when this file has to be given to `putFile`. @throws S3UploadError */
  begin(
    saveId: string,
    path: string,
    file: { readonly size: number; readonly sha256?: string | undefined },
  ): Promise<DirectUpload | undefined>
  /** Signs requests for parts and renews the lease. @throws S3UploadError */
  signParts(
    saveId: string,
    path: string,
    uploadId: string,
    parts: readonly AnnouncedPart[],
  ): Promise<readonly SignedRequest[]>
  /**
   * Records a file that was sent. What the sender says of it is compared with what the store vouches for, or with what
   * is read back from it; bytes that are others are removed.
   *
   * @throws S3UploadError with reason `checksum-mismatch` or `length-mismatch`, or that of the store.
   */
  complete(saveId: string, path: string, sent: SentFile): Promise<ModelFile>
  /** Ends an upload in parts. @throws S3UploadError */
  abort(saveId: string, path: string, uploadId: string): Promise<void>
  /** Keeps the version reserved while bytes are on their way elsewhere. @throws S3UploadError with reason `lease-lost` */
  renew(saveId: string): Promise<{ readonly leaseMs: number }>
}

export interface SentFile {
  readonly size: number
  readonly sha256: string
  readonly mediaType?: string | undefined
  /** Absent when it went in one request. */
  readonly parts?: { readonly uploadId: string; readonly sent: readonly SentPart[] } | undefined
  readonly signal?: AbortSignal | undefined
}
