import type { S3Capabilities } from './capabilities.js'
import type { RetryPolicy } from './retry.js'

const MIB = 1024 ** 2

export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiration?: Date
}

/** A role that is assumed with the credentials that the SDK finds. */
export interface AssumedRole {
  readonly arn: string
  readonly externalId?: string
  readonly sessionName?: string
  /** Seconds, 900 to 43,200. */
  readonly durationSeconds?: number
}

/** Amazon S3 User Guide, "Protecting data with server-side encryption". */
export type Encryption =
  | { readonly is: 'sse-s3' }
  /** Without a key id, with the key that AWS keeps for S3. */
  | { readonly is: 'sse-kms'; readonly keyId?: string }

/** Where an S3 store is and how it is used. Only `bucket` has no default. */
export interface S3StoreOptions {
  readonly bucket: string
  /** What all keys of the registry begin with, without a slash at either end. */
  readonly prefix?: string
  /** By default what the SDK finds: `AWS_REGION`, then the profile. */
  readonly region?: string
  /** The address of a store that is not AWS, such as `http://127.0.0.1:9000`. */
  readonly endpoint?: string
  /** `true` puts the bucket into the path, and not into the host name. */
  readonly forcePathStyle?: boolean
  /** A profile of the shared AWS configuration files. */
  readonly profile?: string
  /** By default the SDK's own chain: environment, profiles, SSO, web identity, instance roles. */
  readonly credentials?: S3Credentials | (() => Promise<S3Credentials>)
  readonly assumeRole?: AssumedRole
  readonly encryption?: Encryption
  /** Such as `STANDARD_IA` or `INTELLIGENT_TIERING`. */
  readonly storageClass?: string
  readonly tags?: Readonly<Record<string, string>>
  /** The caller pays for requests to a bucket of somebody else. */
  readonly requesterPays?: boolean
  /** The account that the bucket must belong to. */
  readonly expectedBucketOwner?: string
  /** `keep` leaves the older versions in a versioned bucket behind a delete marker, `remove` removes the one that is seen. */
  readonly versions?: 'keep' | 'remove'
  /** What is larger is refused before a byte is sent. Bytes. */
  readonly limits?: Partial<UploadLimits>
  readonly transfer?: Partial<Transfer>
  readonly retry?: Partial<RetryPolicy>
  readonly timeouts?: Partial<Timeouts>
  /** `probe`, the default, finds out at the first upload what a store can do that is not AWS. */
  readonly capabilities?: 'probe' | S3Capabilities
}

/** Bytes. */
export interface UploadLimits {
  /** For an object that goes in one request. */
  readonly single: number
  /** For an object that goes in parts. */
  readonly multipart: number
}

export interface Transfer {
  /** An object that is larger goes in parts. Bytes. */
  readonly threshold: number
  /** Size of a part, where the object does not need larger ones. Bytes, at least 5 MiB. */
  readonly partBytes: number
  /** Parts of one object that are sent at once; so many parts, and one more, are in memory. */
  readonly parallelParts: number
}

/** Milliseconds. */
export interface Timeouts {
  readonly connectMs: number
  /** How long a connection may carry nothing. */
  readonly idleMs: number
}

/** 100 MB for one request and 5 GB in parts. */
export const DEFAULT_LIMITS: UploadLimits = { single: 100 * MIB, multipart: 5 * 1024 * MIB }

export const DEFAULT_TRANSFER: Transfer = { threshold: 8 * MIB, partBytes: 8 * MIB, parallelParts: 4 }

export const DEFAULT_TIMEOUTS: Timeouts = { connectMs: 5_000, idleMs: 30_000 }
