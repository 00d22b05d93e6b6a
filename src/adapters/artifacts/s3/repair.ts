import type { S3 } from '@aws-sdk/client-s3'
import type { S3Address } from '../../../domain/s3-address.js'
import type { StoreRepair } from '../../../ports/store-repair.js'
import { field } from './classify.js'
import type { S3Connection } from './connection.js'
import { storeError } from './failures.js'
import { accessFields } from './fields.js'
import { placeOf } from './place.js'
import { RequestFailure } from './retry.js'

type Location = NonNullable<
  NonNullable<Parameters<S3['createBucket']>[0]['CreateBucketConfiguration']>['LocationConstraint']
>

/** The one that has no location constraint: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
const FIRST_REGION = 'us-east-1'

/** Sets a connection right, and what it leads to. */
export class S3Repair implements StoreRepair {
  readonly #connection: S3Connection

  constructor(connection: S3Connection) {
    this.#connection = connection
  }

  get bucket(): string {
    return this.#connection.options.bucket
  }

  async refreshCredentials(): Promise<void> {
    this.#connection.refreshCredentials()
  }

  async followRegion(): Promise<string | undefined> {
    const { bucket: Bucket } = this.#connection.options
    const region = await this.#connection
      .call((s3, told) => s3.headBucket({ ...accessFields(this.#connection.options), Bucket }, told), {
        attempts: 1,
      })
      .then(({ BucketRegion }) => BucketRegion, regionIn)
      .then((found) => found ?? this.#askedInWords(Bucket))
    if (region !== undefined) this.#connection.reopen({ region })
    return region
  }

  async usePathStyle(): Promise<boolean> {
    if (this.#connection.inForce.forcePathStyle === true) return false
    this.#connection.reopen({ forcePathStyle: true })
    return true
  }

  async createBucket(): Promise<'created' | 'exists'> {
    const { bucket: Bucket } = this.#connection.options
    try {
      const s3 = await this.#connection.client()
      const region = await s3.config.region()
      const place =
        region === FIRST_REGION
          ? {}
          : { CreateBucketConfiguration: { LocationConstraint: region as Location } }
      await this.#connection.call((client, told) => client.createBucket({ ...place, Bucket }, told))
      return 'created'
    } catch (error) {
      const code = error instanceof RequestFailure ? field(error.cause, 'Code') : undefined
      if (code === 'BucketAlreadyOwnedByYou') return 'exists'
      throw storeError(this.#connection.options, { name: 'createBucket', action: 's3:CreateBucket' }, error)
    }
  }

  async removeDeleteMarker(address: S3Address): Promise<boolean> {
    const { bucket: Bucket, key: Key } = placeOf(address)
    const access = accessFields(this.#connection.options)
    try {
      const { DeleteMarkers = [] } = await this.#connection.call((s3, told) =>
        s3.listObjectVersions({ ...access, Bucket, Prefix: Key, MaxKeys: 100 }, told),
      )
      const marker = DeleteMarkers.find((one) => one.Key === Key && one.IsLatest === true)
      const VersionId = marker?.VersionId
      if (VersionId === undefined) return false
      await this.#connection.call((s3, told) => s3.deleteObject({ ...access, Bucket, Key, VersionId }, told))
      return true
    } catch (error) {
      const operation = { name: 'removeDeleteMarker', action: 's3:DeleteObjectVersion' }
      throw storeError(this.#connection.options, operation, error, address)
    }
  }

  /** The answer to a HEAD has no body; stores that are not AWS name the region in the words of another refusal. */
  async #askedInWords(Bucket: string): Promise<string | undefined> {
    const input = { ...accessFields(this.#connection.options), Bucket, MaxKeys: 1 }
    return this.#connection
      .call((s3, told) => s3.listObjectsV2(input, told), { attempts: 1 })
      .then(() => undefined, regionIn)
  }
}

/** By header (`x-amz-bucket-region`), by field, or in words: `the region "eu-west-1" is wrong; expecting "us-east-1"`. */
function regionIn(error: unknown): string | undefined {
  const cause = error instanceof RequestFailure ? error.cause : error
  const header = field(field(field(cause, '$response'), 'headers'), 'x-amz-bucket-region')
  const words = /expecting ["']([\w-]+)["']/.exec(String(field(cause, 'message')))?.[1]
  for (const found of [header, field(cause, 'Region'), words])
    if (typeof found === 'string' && found !== '') return found
  return undefined
}
