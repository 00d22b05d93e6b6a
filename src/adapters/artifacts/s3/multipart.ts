import type { CompletedPart } from '@aws-sdk/client-s3'
import type { S3Capabilities } from './capabilities.js'
import { statusOf } from './classify.js'
import type { S3Connection } from './connection.js'
import { accessFields, digestFields, PUT_ID, writeFields } from './fields.js'
import type { Place } from './place.js'
import { MOST_PARTS, tooManyBytes } from './plan.js'
import { required } from './required.js'
import { RequestFailure } from './retry.js'

/** An upload in parts, from its creation to its completion or its end without an object. */
export class MultipartUpload {
  readonly id: string
  readonly #connection: S3Connection
  readonly #place: Place
  readonly #can: S3Capabilities
  readonly #parts: CompletedPart[] = []
  #sent = 0

  private constructor(connection: S3Connection, place: Place, can: S3Capabilities, id: string) {
    this.#connection = connection
    this.#place = place
    this.#can = can
    this.id = id
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
    return new MultipartUpload(connection, place, can, UploadId)
  }

  /** Sends the next part. `bytes` stay as they are until it has ended. */
  async send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    this.#sent += 1
    const PartNumber = this.#sent
    if (PartNumber > MOST_PARTS) throw tooManyBytes(PartNumber * bytes.length, MOST_PARTS * bytes.length)
    const digest = digestFields(this.#can.checksum, bytes)
    const { ETag } = await this.#connection.call(
      async (s3, told) =>
        required(
          await s3.uploadPart(
            { ...this.#at(), ...digest, PartNumber, Body: bytes, ContentLength: bytes.length },
            told,
          ),
          'ETag',
        ),
      { signal, bytes: bytes.length },
    )
    this.#parts.push({ PartNumber, ETag, ...('ChecksumCRC32' in digest ? digest : {}) })
  }

  /** Makes the object of the parts, where nothing lies at the address. */
  async complete(conditional: boolean, signal: AbortSignal | undefined): Promise<void> {
    const Parts = this.#parts.sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0))
    await this.#connection.call(
      async (s3, told) =>
        required(
          await s3.completeMultipartUpload(
            {
              ...this.#at(),
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

  /**
   * Ends the upload, so that the store frees its parts. A part that is still on its way when the upload ends may be
   * kept all the same, which is why it looks, and ends it again.
   *
   * @returns `gone` when the store does not know the upload: it was completed, or somebody else ended it.
   */
  async abort(): Promise<'ended' | 'gone' | 'left'> {
    let answer: 'ended' | 'gone' = 'ended'
    for (let round = 0; round < 3; round++) {
      try {
        await this.#connection.call((s3, told) => s3.abortMultipartUpload(this.#at(), told))
      } catch (error) {
        if (!isGone(error)) return 'left'
        if (round === 0) answer = 'gone'
        return answer
      }
      if (await this.#isOver()) return answer
    }
    return 'left'
  }

  async #isOver(): Promise<boolean> {
    try {
      const { Parts = [] } = await this.#connection.call((s3, told) => s3.listParts(this.#at(), told))
      return Parts.length === 0
    } catch {
      // Gone, as it should be; or the caller may not list, and the store's word stands.
      return true
    }
  }

  #at() {
    return {
      ...accessFields(this.#connection.options),
      Bucket: this.#place.bucket,
      Key: this.#place.key,
      UploadId: this.id,
    }
  }
}

function isGone(error: unknown): boolean {
  return error instanceof RequestFailure && statusOf(error.cause) === 404
}
