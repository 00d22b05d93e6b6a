import type { ModelFile } from '../domain/model-record.js'
import { bytesPassed } from '../domain/sweep.js'
import { aborted, checksumMismatch, sourceFailed } from '../errors/causes/objects.js'
import { isModelRegistryError } from '../errors/model-registry-error.js'
import { S3UploadError } from '../errors/s3-upload-failed/error.js'
import type { ModelPart } from '../sources/model-source.js'
import { toWebStream } from '../sources/web-stream.js'
import * as answers from './answers.js'
import type { Connection } from './connection.js'
import { uploadPath } from './paths.js'
import { createSha256, type RunningSha256 } from './sha256.js'

export type BytesPart = ModelPart & { readonly is: 'bytes' }

export interface Upload {
  readonly saveId: string
  readonly modelId: string
  readonly version: string
  readonly s3Path: string
  readonly leaseMs: number
  /** There when files may go to the store without the server in between. */
  readonly direct?: { readonly wholeBytes: number }
}

export interface UploadFileOptions {
  readonly signal: AbortSignal
  readonly onBytes: (bytes: number) => void
}

/**
 * Sends one file of a save as it is read, and compares the sha256 that the server stored with that of the bytes sent.
 *
 * @throws S3UploadError; its reason is `source-failed` when the part gives an error instead of its bytes.
 */
export async function uploadFile(
  connection: Connection,
  upload: Upload,
  part: BytesPart,
  options: UploadFileOptions,
): Promise<ModelFile> {
  const { saveId, modelId, version, s3Path } = upload
  const subject = { modelId, version, s3Path }
  const facts = { ...subject, file: part.path }
  let source: { readonly hash: RunningSha256; failed?: unknown } | undefined
  const read = async function* (): AsyncGenerator<Uint8Array> {
    const running: typeof source = { hash: await createSha256() }
    source = running
    let bytes = 0
    try {
      for await (const piece of part.open(options.signal)) {
        running.hash.update(piece)
        bytes += piece.length
        yield piece
        bytesPassed(piece.length)
        options.onBytes(bytes)
      }
    } catch (error) {
      source = { ...running, failed: error }
      throw error
    }
  }
  try {
    const file = await connection.ask(
      {
        method: 'PUT',
        path: uploadPath(saveId, part.path),
        headers: {
          'content-type': part.mediaType,
          ...(part.size === undefined || !canStream() ? {} : { 'content-length': String(part.size) }),
        },
        body: () => bodyOf(read()),
        signal: options.signal,
        operation: 'saveModel',
        subject: { code: 'S3_UPLOAD_FAILED', ...facts },
        repeat: part.reads === 'again' ? 'freely' : 'never',
      },
      answers.json(answers.file),
    )
    const sha256 = source?.hash.hex()
    if (sha256 === file.sha256) return file
    throw new S3UploadError({ ...facts, expected: sha256, actual: file.sha256 }, { reason: checksumMismatch })
  } catch (error) {
    const failed = source?.failed
    if (failed === undefined || (isModelRegistryError(error) && error.reason === aborted)) throw error
    throw new S3UploadError(facts, { reason: sourceFailed, cause: failed })
  }
}

/**
 * Node sends a stream as it comes. Browsers do so only over HTTP/2, and not all of them: there the bytes are gathered
 * into a Blob first, which a browser keeps on disk when it is large.
 */
export async function bodyOf(pieces: AsyncIterable<Uint8Array>): Promise<BodyInit> {
  const stream = toWebStream(() => pieces)
  return canStream() ? stream : new Response(stream).blob()
}

export function canStream(): boolean {
  const here: { process?: { versions?: { node?: string } } } = globalThis
  return here.process?.versions?.node !== undefined
}
