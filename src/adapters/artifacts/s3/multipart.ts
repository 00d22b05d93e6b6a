import type { CompletedPart } from '@aws-sdk/client-s3'
import type { S3Capabilities } from './capabilities.js'
import type { S3Connection } from './connection.js'
import { endUpload } from './end-upload.js'
import { accessFields, digestFields, PUT_ID, writeFields } from './fields.js'
import type { UploadAt } from './list-parts.js'
import type { Place } from './place.js'
import { MOST_PARTS, tooManyBytes } from './plan.js'
import { required } from './required.js'
import { type HeldPart, holds, type OpenUpload } from './resume.js'

/** An upload in parts, from its creation to its completion or its end without an object. */
export class MultipartUpload {
  readonly id: string
  readonly #connection: S3Connection
  readonly #at: UploadAt
  readonly #can: S3Capabilities
  readonly #held: ReadonlyMap<number, HeldPart>
  readonly #parts: CompletedPart[] = []
  #sent = 0

  private constructor(
    connection: S3Connection,
    can: S3Capabilities,
    { at, parts }: Pick<OpenUpload, 'at' | 'parts'>,
  ) {
    this.#connection = connection
    this.#at = at
    this.#can = can
    this.#held = parts
    this.id = at.UploadId
  }

  /** Goes on with an upload that is open. */
  static resume(connection: S3Connection, can: S3Capabilities, upload: OpenUpload): MultipartUpload {
    return new MultipartUpload(connection, can, upload)
  }

  static async create(
    connection: S3Connection,
    place: Place,
    can: S3Capabilities,
    { putId, signal }: { putId: string; signal: AbortSignal },
  ): Promise<MultipartUpload> {
    const { UploadId } = await connection.call(
      async (s3, told) => {
        const answer = await s3.createMultipartUpload(
          {
            ...writeFields(connection.options),
            ...(can.checksum === 'crc32' ? { ChecksumAlgorithm: 'CRC32' as const } : {}),
            Bucket: place.bucket,
            Key: place.key,
            Metadata: { [PUT_ID]: putId },
          },
          told,
        )
        return required(answer, 'UploadId')
      },
      { signal },
    )
    const at = { Bucket: place.bucket, Key: place.key, UploadId }
    return new MultipartUpload(connection, can, { at, parts: new Map() })
  }

  /** Sends the next part, unless the store holds it. `bytes` stay as they are until it has ended. */
  async send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    this.#sent += 1
    const PartNumber = this.#sent
    if (PartNumber > MOST_PARTS)
      throw tooManyBytes(PartNumber * bytes.length, MOST_PARTS * bytes.length, 'multipart')
    const digest = digestFields(this.#can.checksum, bytes)
    const told = 'ChecksumCRC32' in digest ? digest : {}
    const held = this.#held.get(PartNumber)
    if (holds(held, bytes)) {
      this.#parts.push({ PartNumber, ETag: held.ETag, ...told })
      return
    }
    const { ETag } = await this.#connection.call(
      async (s3, attempt) =>
        required(
          await s3.uploadPart(
            { ...this.#address(), ...digest, PartNumber, Body: bytes, ContentLength: bytes.length },
            attempt,
          ),
          'ETag',
        ),
      { signal, bytes: bytes.length },
    )
    this.#parts.push({ PartNumber, ETag, ...told })
  }

  /** Makes the object of the parts, where nothing lies at the address. */
  async complete(conditional: boolean, signal: AbortSignal | undefined): Promise<void> {
    const Parts = this.#parts.sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0))
    await this.#connection.call(
      async (s3, told) =>
        required(
          await s3.completeMultipartUpload(
            {
              ...this.#address(),
              ...(conditional ? { IfNoneMatch: '*' } : {}),
              MultipartUpload: { Parts },
            },
            told,
          ),
          'ETag',
        ),
      { signal, bytes: Parts.length * 64 * 1024 },
    )
  }

  /** @see endUpload */
  abort(): Promise<'ended' | 'gone' | 'left'> {
    return endUpload(this.#connection, this.#at)
  }

  #address() {
    return { ...accessFields(this.#connection.options), ...this.#at }
  }
}
