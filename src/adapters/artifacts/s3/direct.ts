import type { S3Address } from '../../../domain/s3-address.js'
import type { Sha256 } from '../../../domain/sha256.js'
import { objectExists } from '../../../errors/causes/objects.js'
import type {
  AnnouncedPart,
  DirectTransfer,
  DirectUpload,
  SentPart,
  SignedRequest,
} from '../../../ports/direct-transfer.js'
import { Refusal } from '../refusal.js'
import type { S3Capabilities } from './capabilities.js'
import { statusOf } from './classify.js'
import type { S3Connection } from './connection.js'
import { endUploadsBelow } from './direct-end.js'
import { comparesSha256, keptSha256 } from './direct-proof.js'
import { HEADERS_COMPLETE, loadSigning, sign } from './direct-sign.js'
import { storeError, uploadError } from './failures.js'
import { accessFields, PUT_ID, SHARED_PUT, writeFields } from './fields.js'
import type { Transfer } from './options.js'
import { type Place, placeOf } from './place.js'
import { planUpload } from './plan.js'
import { required } from './required.js'
import { RequestFailure } from './retry.js'

const MIB = 1024 ** 2

/** Amazon S3 User Guide, "Uploading objects": 5 GB. */
const MOST_IN_ONE_PUT = 5 * 1024 ** 3

/** Each part costs whoever sends it a question; whoever sends a large file can hold larger ones. */
function partBytesOf(size: number, { partBytes }: Transfer): number {
  return Math.max(partBytes, Math.min(16 * MIB, Math.ceil(size / 16 / MIB) * MIB))
}

/**
 * Requests that others make, signed with the store's credentials.
 *
 * One put is signed only for a store that refuses it where something lies at the address and compares its sha256, so
 * that it can be used again and again and never changes anything. Any other file goes in parts, whose requests are void
 * once the upload has ended.
 */
export class S3DirectTransfer implements DirectTransfer {
  readonly wholeBytes: number
  readonly #connection: S3Connection
  readonly #capabilities: () => Promise<S3Capabilities>
  #compares: Promise<boolean> | undefined

  constructor(connection: S3Connection, capabilities: () => Promise<S3Capabilities>) {
    this.#connection = connection
    this.#capabilities = capabilities
    this.wholeBytes = Math.min(connection.limits.single, MOST_IN_ONE_PUT)
  }

  async begin(
    address: S3Address,
    { size, sha256 }: { readonly size: number; readonly sha256?: Sha256 | undefined },
  ): Promise<DirectUpload | undefined> {
    const place = placeOf(address)
    return this.#sending(place, async () => {
      const signing = await loadSigning()
      const can = await this.#capabilities()
      const { limits, transfer } = this.#connection
      const { partBytes } = planUpload(
        size,
        limits,
        { ...transfer, partBytes: partBytesOf(size, transfer) },
        can,
      )
      if (signing === undefined || size === 0) return undefined
      if (sha256 !== undefined && size <= this.wholeBytes && can.conditionalPut && (await this.#comparing()))
        return { is: 'whole', request: await this.#signWhole(place, { size, sha256 }) }
      if (!can.multipart) return undefined
      const checksum = can.checksum === 'crc32' ? 'crc32' : 'none'
      await this.#refuseTaken(place)
      const uploadId = await this.#create(place, checksum)
      return { is: 'parts', uploadId, partBytes: partBytes(0), checksum }
    })
  }

  async signParts(
    address: S3Address,
    UploadId: string,
    parts: readonly AnnouncedPart[],
  ): Promise<readonly SignedRequest[]> {
    const place = placeOf(address)
    return this.#sending(place, async () => {
      const [s3, signing] = await this.#signer()
      const { UploadPartCommand } = await import('@aws-sdk/client-s3')
      return Promise.all(
        parts.map(({ number, size, crc32 }) => {
          const command = new UploadPartCommand({
            ...this.#at(place),
            ...{ UploadId, PartNumber: number, ContentLength: size },
            ...(crc32 === undefined ? {} : { ChecksumCRC32: crc32 }),
          })
          return sign('PUT', (watch, options) => {
            command.middlewareStack.add(watch, HEADERS_COMPLETE)
            return signing.getSignedUrl(s3, command, options)
          })
        }),
      )
    })
  }

  async complete(
    address: S3Address,
    UploadId: string,
    parts: readonly SentPart[],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    const place = placeOf(address)
    const Parts = [...parts]
      .sort((a, b) => a.number - b.number)
      .map(({ number, etag, crc32 }) => ({
        ...{ PartNumber: number, ETag: etag },
        ...(crc32 === undefined ? {} : { ChecksumCRC32: crc32 }),
      }))
    const request = (conditional: boolean) =>
      this.#connection.call(
        async (s3, told) =>
          required(
            await s3.completeMultipartUpload(
              {
                ...this.#at(place),
                ...(conditional ? { IfNoneMatch: '*' } : {}),
                ...{ UploadId, MultipartUpload: { Parts } },
              },
              told,
            ),
            'ETag',
          ),
        { signal, bytes: Parts.length * 64 * 1024 },
      )
    await this.#sending(
      place,
      async () => {
        const { conditionalComplete } = await this.#capabilities()
        if (!conditionalComplete) await this.#refuseTaken(place)
        try {
          await request(conditionalComplete)
        } catch (error) {
          const status = error instanceof RequestFailure ? statusOf(error.cause) : undefined
          const taken = await this.#isTaken(place)
          // Completed before, by a request whose answer was lost: the upload is gone, or the address has its object.
          if ((status === 404 || status === 412) && taken) return
          // SeaweedFS takes a folder for an object here. The address is free.
          if (status !== 412 || taken) throw error
          await request(false)
        }
      },
      signal,
    )
  }

  async proofOf(address: S3Address): Promise<{ readonly size: number; readonly sha256: Sha256 } | undefined> {
    const place = placeOf(address)
    return this.#asking('proofOf', 's3:GetObject', address, async () =>
      (await this.#comparing()) ? keptSha256(this.#connection, place) : undefined,
    )
  }

  async abort(address: S3Address, UploadId: string): Promise<void> {
    const place = placeOf(address)
    await this.#sending(place, async () => {
      try {
        await this.#connection.call((s3, told) =>
          s3.abortMultipartUpload({ ...this.#at(place), UploadId }, told),
        )
      } catch (error) {
        if (!(error instanceof RequestFailure) || statusOf(error.cause) !== 404) throw error
      }
    })
  }

  async endUploads(address: S3Address): Promise<number> {
    const place = placeOf(address)
    return this.#asking('endUploads', 's3:ListBucketMultipartUploads', address, () =>
      endUploadsBelow(this.#connection, place),
    )
  }

  async signRead(
    address: S3Address,
    { mediaType, disposition }: { readonly mediaType: string; readonly disposition: string },
  ): Promise<SignedRequest | undefined> {
    const place = placeOf(address)
    const signing = await loadSigning()
    if (signing === undefined) return undefined
    return this.#asking('signRead', 's3:GetObject', address, async () => {
      const { GetObjectCommand } = await import('@aws-sdk/client-s3')
      const command = new GetObjectCommand({
        ...this.#at(place),
        ResponseContentType: mediaType,
        ResponseContentDisposition: disposition,
      })
      const s3 = await this.#connection.client()
      return sign('GET', (watch, options) => {
        command.middlewareStack.add(watch, HEADERS_COMPLETE)
        return signing.getSignedUrl(s3, command, options)
      })
    })
  }

  async #signWhole(place: Place, { size, sha256 }: { size: number; sha256: Sha256 }): Promise<SignedRequest> {
    const [s3, signing] = await this.#signer()
    const { PutObjectCommand } = await import('@aws-sdk/client-s3')
    const command = new PutObjectCommand({
      ...writeFields(this.#connection.options),
      ...this.#at(place),
      ContentLength: size,
      IfNoneMatch: '*',
      ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
    })
    return sign('PUT', (watch, options) => {
      command.middlewareStack.add(watch, HEADERS_COMPLETE)
      return signing.getSignedUrl(s3, command, options)
    })
  }

  async #create(place: Place, checksum: 'crc32' | 'none'): Promise<string> {
    const { UploadId } = await this.#connection.call(async (s3, told) =>
      required(
        await s3.createMultipartUpload(
          {
            ...writeFields(this.#connection.options),
            ...this.#at(place),
            ...(checksum === 'crc32' ? { ChecksumAlgorithm: 'CRC32' as const } : {}),
            // A save that goes on with it, and loses the answer to its end, knows the object by this.
            Metadata: { [PUT_ID]: SHARED_PUT },
          },
          told,
        ),
        'UploadId',
      ),
    )
    return UploadId
  }

  async #signer() {
    const signing = await loadSigning()
    if (signing === undefined) throw new TypeError('uploads begin only where requests can be signed')
    return [await this.#connection.client(), signing] as const
  }

  async #comparing(): Promise<boolean> {
    this.#compares ??= comparesSha256(this.#connection)
    try {
      return await this.#compares
    } catch (error) {
      this.#compares = undefined
      throw error
    }
  }

  async #refuseTaken(place: Place): Promise<void> {
    if (await this.#isTaken(place)) throw new Refusal(objectExists)
  }

  async #isTaken(place: Place): Promise<boolean> {
    try {
      await this.#connection.call((s3, told) => s3.headObject(this.#at(place), told))
      return true
    } catch (error) {
      const status = error instanceof RequestFailure ? statusOf(error.cause) : undefined
      if (status !== undefined && status >= 400 && status < 500) return false
      throw error
    }
  }

  #at({ bucket, key }: Place) {
    return { ...accessFields(this.#connection.options), Bucket: bucket, Key: key }
  }

  async #sending<T>(place: Place, run: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#used(run, (error) => uploadError(this.#connection.options, place, error, signal))
  }

  async #asking<T>(name: string, action: string, address: S3Address, run: () => Promise<T>): Promise<T> {
    return this.#used(run, (error) => storeError(this.#connection.options, { name, action }, error, address))
  }

  async #used<T>(run: () => Promise<T>, failure: (error: unknown) => Error): Promise<T> {
    let release = () => {}
    try {
      release = this.#connection.use()
      return await run()
    } catch (error) {
      throw failure(error)
    } finally {
      release()
    }
  }
}
