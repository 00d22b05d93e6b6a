import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { PutObjectCommandInput, ServerSideEncryption, StorageClass } from '@aws-sdk/client-s3'
import type { S3Capabilities } from './capabilities.js'
import type { S3StoreOptions } from './options.js'

/** What tells an object's own put from another's, when the answer to it was lost. */
export const PUT_ID = 'modelry-put'

/** Instead of an id, where a later put may go on with the parts: whose bytes they are, the bytes themselves tell. */
export const SHARED_PUT = 'shared'

type WriteFields = Pick<
  PutObjectCommandInput,
  'ServerSideEncryption' | 'SSEKMSKeyId' | 'StorageClass' | 'Tagging' | 'RequestPayer' | 'ExpectedBucketOwner'
>

/** What the configuration says of each object that is written. */
export function writeFields({ encryption, storageClass, tags, ...options }: S3StoreOptions): WriteFields {
  return {
    ...accessFields(options),
    ...(encryption === undefined
      ? {}
      : {
          ServerSideEncryption: (encryption.is === 'sse-s3'
            ? 'AES256'
            : 'aws:kms') satisfies ServerSideEncryption,
          ...(encryption.is === 'sse-kms' && encryption.keyId !== undefined
            ? { SSEKMSKeyId: encryption.keyId }
            : {}),
        }),
    // The store knows its classes better than a list here.
    ...(storageClass === undefined ? {} : { StorageClass: storageClass as StorageClass }),
    ...(tags === undefined ? {} : { Tagging: new URLSearchParams(tags).toString() }),
  }
}

/** What the configuration says of each request. */
export function accessFields({
  requesterPays,
  expectedBucketOwner,
}: Pick<S3StoreOptions, 'requesterPays' | 'expectedBucketOwner'>): Pick<
  WriteFields,
  'RequestPayer' | 'ExpectedBucketOwner'
> {
  return {
    ...(requesterPays === true ? { RequestPayer: 'requester' as const } : {}),
    ...(expectedBucketOwner === undefined ? {} : { ExpectedBucketOwner: expectedBucketOwner }),
  }
}

/** The digest of a request's bytes, in the form that the store checks. */
export function digestFields(
  checksum: S3Capabilities['checksum'],
  bytes: Uint8Array,
): { ChecksumCRC32?: string; ContentMD5?: string } {
  switch (checksum) {
    case 'crc32': {
      const digest = Buffer.alloc(4)
      digest.writeUInt32BE(crc32(bytes))
      return { ChecksumCRC32: digest.toString('base64') }
    }
    case 'md5':
      return { ContentMD5: createHash('md5').update(bytes).digest('base64') }
    case 'none':
      return {}
  }
}
