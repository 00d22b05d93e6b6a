import type { z } from 'zod'
import type { ModelFile } from '../domain/model-record.js'
import { aborted } from '../errors/causes/objects.js'
import { isModelRegistryError } from '../errors/model-registry-error.js'
import { begunUploadSchema, leaseSchema, signedRequestsSchema } from '../wire/answers.js'
import * as answers from './answers.js'
import type { Ask, Connection } from './connection.js'
import type { SignedRequest } from './direct-line.js'
import { NoDirectWay } from './no-direct-way.js'
import { savePath } from './paths.js'
import type { BytesPart, Upload } from './upload-file.js'

/** A part that the store took. */
export interface Sent {
  readonly number: number
  readonly etag: string
  readonly crc32?: string
}

export type BegunUpload = z.output<typeof begunUploadSchema>

/** What the server is asked about one file that goes directly to the store. */
export class DirectRequests {
  /** What errors say of the file. */
  readonly subject: {
    readonly modelId: string
    readonly version: string
    readonly s3Path: string
    readonly file: string
  }
  readonly #connection: Connection
  readonly #path: string
  readonly #part: BytesPart
  readonly #signal: AbortSignal

  constructor(
    connection: Connection,
    { saveId, modelId, version, s3Path }: Upload,
    part: BytesPart,
    signal: AbortSignal,
  ) {
    this.subject = { modelId, version, s3Path, file: part.path }
    this.#connection = connection
    this.#path = savePath(saveId)
    this.#part = part
    this.#signal = signal
  }

  async begin(file: { readonly size: number; readonly sha256?: string }): Promise<BegunUpload> {
    try {
      return await this.#ask('/uploads', file, begunUploadSchema)
    } catch (error) {
      // Whatever stands in the way of this, the server may yet take the file, or says itself why it does not.
      if (isModelRegistryError(error) && error.reason !== aborted) throw new NoDirectWay(error.message)
      throw error
    }
  }

  async signPart(
    uploadId: string,
    part: { readonly number: number; readonly size: number; readonly crc32?: string },
  ): Promise<SignedRequest> {
    const { items } = await this.#ask('/uploads/parts', { uploadId, parts: [part] }, signedRequestsSchema)
    const [request] = items
    if (request === undefined) throw new TypeError('the server signed no request')
    return request
  }

  complete(file: {
    readonly size: number
    readonly sha256: string
    readonly parts?: { readonly uploadId: string; readonly sent: readonly Sent[] }
  }): Promise<ModelFile> {
    return this.#ask('/uploads/complete', { mediaType: this.#part.mediaType, ...file }, answers.file)
  }

  /** What is left of the upload when it does not succeed, the server ends with the save's lease. */
  async abort(uploadId: string): Promise<void> {
    const json = { path: this.#part.path, uploadId }
    await this.#connection.ask({ ...this.#asked('/uploads/abort'), json }, answers.nothing).catch(() => {})
  }

  /** Whether the lease is lost, the next step tells. */
  async renew(): Promise<void> {
    await this.#connection.ask(this.#asked('/renew'), answers.json(leaseSchema)).catch(() => {})
  }

  #ask<S extends z.ZodType>(step: string, body: object, schema: S): Promise<z.output<S>> {
    const json = { path: this.#part.path, ...body }
    return this.#connection.ask({ ...this.#asked(step), json }, answers.json(schema))
  }

  #asked(step: string): Ask {
    return {
      method: 'POST',
      path: `${this.#path}${step}`,
      operation: 'saveModel',
      signal: this.#signal,
      subject: { code: 'S3_UPLOAD_FAILED', ...this.subject },
      repeat: 'freely',
    }
  }
}
