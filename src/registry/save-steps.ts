import type { ModelMetadata } from '../domain/metadata.js'
import type { ModelFile, ModelRecord } from '../domain/model-record.js'
import type { Bytes } from '../ports/artifact-store.js'
import type { DirectSteps } from './direct-steps.js'

/**
 * A save in steps, for callers whose bytes come in several requests. `saveModel` is made of the same steps. Nothing is
 * kept in memory between them, so each may reach another server.
 */
export interface SaveSteps {
  /**
   * Parses the metadata and reserves the version.
   *
   * @param paths - of all files that will follow; one path makes `s3Path` the address of that file.
   * @throws ModelValidationError, InvalidS3PathError, DuplicateModelError
   */
  begin(
    metadata: ModelMetadata,
    paths: readonly string[],
    options: { readonly actor?: string | undefined },
  ): Promise<BegunSave>
  /**
   * Stores one file; several may be on their way at once. Renews the lease while bytes arrive.
   * @throws S3UploadError
   */
  putFile(saveId: string, path: string, content: Bytes, options: PutFileOptions): Promise<ModelFile>
  /** The same for bytes that do not pass through this process. */
  readonly direct: DirectSteps
  /** Takes an object that is in the store already as a file: looked up and hashed, never copied. @throws S3UploadError */
  registerStored(
    saveId: string,
    path: string,
    s3Path: string,
    options: Pick<PutFileOptions, 'mediaType' | 'signal'>,
  ): Promise<ModelFile>
  /** Makes the version visible. Doing it twice gives the same record. @throws S3UploadError with reason `lease-lost` */
  publish(saveId: string, options: { readonly actor?: string | undefined }): Promise<ModelRecord>
  /** Takes back what was written and frees the version. A save that is gone or published is left alone. */
  discard(saveId: string): Promise<void>
}

interface BegunSave {
  readonly saveId: string
  readonly modelId: string
  readonly version: string
  readonly s3Path: string
  /** How long the reservation lasts without another step, in milliseconds. */
  readonly leaseMs: number
  /** Where files may go directly to the store. @see DirectSteps */
  readonly direct?: { readonly wholeBytes: number }
}

export interface PutFileOptions {
  readonly mediaType?: string | undefined
  readonly sha256?: string | undefined
  readonly size?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((bytes: number) => void) | undefined
}
