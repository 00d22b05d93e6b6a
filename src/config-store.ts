import { z } from 'zod'
import { parseS3StoreAddress } from './adapters/artifacts/s3/address.js'
import type { S3StoreOptions } from './adapters/artifacts/s3/options.js'
import { InvalidS3PathError } from './errors/invalid-s3-path/error.js'
import { redact } from './errors/redact.js'

export type { S3StoreOptions } from './adapters/artifacts/s3/options.js'

/** Where the files of models are. */
export type StoreConfig = { readonly is: 'file'; readonly root: string } | S3StoreConfig
export type S3StoreConfig = { readonly is: 's3' } & S3StoreOptions

/** A store as a person writes it: `file:./models`, `s3://bucket/prefix?region=...`, or the options of an S3 store. */
export type StoreInput = string | S3StoreOptions

const STORE_RULE = 'file: and a folder, such as file:./models, or s3://bucket/prefix?region=eu-central-1'

const text = z.string().min(1)
const count = z.number().int().min(1)
const milliseconds = z.number().int().min(1)
const bytes = z.number().int().min(1)

/** Not strict: the AWS SDK writes fields of its own into the object that it was given. */
const credentialsSchema = z.object({
  accessKeyId: text,
  secretAccessKey: text,
  sessionToken: text.exactOptional(),
  expiration: z.date().exactOptional(),
})

/** What finds credentials is called by the SDK, each time that it needs new ones. */
const provider = z.custom<() => Promise<z.infer<typeof credentialsSchema>>>(
  (value) => typeof value === 'function',
)

const s3Schema = z.strictObject({
  is: z.literal('s3'),
  bucket: text,
  prefix: text.regex(/^[^?]*$/, 'folders without a question mark').exactOptional(),
  region: text.exactOptional(),
  endpoint: z
    .url({ protocol: /^https?$/, message: 'the address of a store, such as http://127.0.0.1:9000' })
    .exactOptional(),
  forcePathStyle: z.boolean().exactOptional(),
  profile: text.exactOptional(),
  credentials: z.union([provider, credentialsSchema]).exactOptional(),
  assumeRole: z
    .strictObject({
      arn: text,
      externalId: text.exactOptional(),
      sessionName: text.exactOptional(),
      durationSeconds: z.number().int().min(900).max(43_200).exactOptional(),
    })
    .exactOptional(),
  encryption: z
    .discriminatedUnion('is', [
      z.strictObject({ is: z.literal('sse-s3') }),
      z.strictObject({ is: z.literal('sse-kms'), keyId: text.exactOptional() }),
    ])
    .exactOptional(),
  storageClass: text.exactOptional(),
  tags: z.record(z.string(), z.string()).exactOptional(),
  requesterPays: z.boolean().exactOptional(),
  expectedBucketOwner: text.exactOptional(),
  versions: z.enum(['keep', 'remove']).exactOptional(),
  limits: z.strictObject({ single: bytes.exactOptional(), multipart: bytes.exactOptional() }).exactOptional(),
  transfer: z
    .strictObject({
      threshold: bytes.exactOptional(),
      partBytes: bytes.min(5 * 1024 ** 2).exactOptional(),
      parallelParts: count.max(64).exactOptional(),
    })
    .exactOptional(),
  retry: z
    .strictObject({
      attempts: count.exactOptional(),
      baseMs: milliseconds.exactOptional(),
      throttledBaseMs: milliseconds.exactOptional(),
      capMs: milliseconds.exactOptional(),
      deadlineMs: milliseconds.exactOptional(),
      slowestLine: count.exactOptional(),
      budget: z.number().int().min(0).exactOptional(),
    })
    .exactOptional(),
  timeouts: z
    .strictObject({ connectMs: milliseconds.exactOptional(), idleMs: milliseconds.exactOptional() })
    .exactOptional(),
  capabilities: z
    .union([
      z.literal('probe'),
      z.strictObject({
        conditionalPut: z.boolean(),
        conditionalComplete: z.boolean(),
        checksum: z.enum(['crc32', 'md5', 'none']),
        multipart: z.boolean(),
        equalParts: z.boolean(),
      }),
    ])
    .exactOptional(),
})

/** The keys of an S3 store's options, for whoever misspelt one. */
export const s3StoreKeys: readonly string[] = Object.keys(s3Schema.shape).filter((key) => key !== 'is')

const fileSchema = z.strictObject({ is: z.literal('file'), root: z.string() })

/** A store in any of its forms; the root of a file store is still as it was written. */
export const storeSchema = z
  .custom<StoreInput>()
  .transform(asOptions)
  .pipe(z.discriminatedUnion('is', [fileSchema, s3Schema]))
  .transform((store, context): StoreConfig => {
    if (store.is === 'file') return store
    // The rules for buckets and prefixes are those of the address.
    const { bucket, prefix } = store
    parsedAddress(`s3://${bucket}`, context, ['bucket'])
    if (context.issues.length > 0 || prefix === undefined) return store
    return { ...store, ...parsedAddress(`s3://${bucket}/${prefix}`, context, ['prefix']) }
  })

type Context = z.core.$RefinementCtx

function asOptions(given: unknown, context: Context): unknown {
  if (typeof given === 'string') {
    if (/^file:[^\0]+$/.test(given)) return { is: 'file', root: given }
    return given.startsWith('s3:')
      ? { ...parsedAddress(given, context), is: 's3' }
      : refused(context, STORE_RULE)
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return refused(context, `${STORE_RULE}, or the options of an S3 store`)
  const defined = Object.entries(given).filter(([, option]) => option !== undefined)
  return { ...Object.fromEntries(defined), is: 's3' }
}

function parsedAddress(address: string, context: Context, path: string[] = []): S3StoreOptions {
  try {
    return parseS3StoreAddress(address)
  } catch (error) {
    if (!(error instanceof InvalidS3PathError)) throw error
    const { problem } = error.context
    return refused(context, `a store such as s3://bucket/prefix?region=eu-central-1; here, ${problem}`, path)
  }
}

function refused(context: Context, message: string, path: string[] = []): never {
  context.addIssue({ code: 'custom', message, path })
  return z.NEVER
}

/** The address of a store, without what only its options can say. No credentials are in it. */
export function storeAddress(store: StoreConfig): string {
  if (store.is === 'file') return `file:${store.root}`
  const query = new URLSearchParams(
    Object.entries({
      region: store.region,
      endpoint: store.endpoint && redact(store.endpoint),
      forcePathStyle: store.forcePathStyle,
      profile: store.profile,
      roleArn: store.assumeRole?.arn,
      externalId: store.assumeRole?.externalId,
      sse: store.encryption && { 'sse-s3': 'AES256', 'sse-kms': 'aws:kms' }[store.encryption.is],
      kmsKeyId: store.encryption?.is === 'sse-kms' ? store.encryption.keyId : undefined,
      storageClass: store.storageClass,
      tags: store.tags && new URLSearchParams(store.tags).toString(),
      requestPayer: store.requesterPays === true ? 'requester' : undefined,
      expectedBucketOwner: store.expectedBucketOwner,
      versions: store.versions,
      singleLimit: store.limits?.single,
      multipartLimit: store.limits?.multipart,
    }).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, String(value)]])),
  )
  const place = `s3://${store.bucket}${store.prefix === undefined ? '' : `/${store.prefix}`}`
  // Slashes and colons need no encoding in a query, and endpoints and roles can be read without it.
  const settings = query.toString().replaceAll('%3A', ':').replaceAll('%2F', '/')
  return settings === '' ? place : `${place}?${settings}`
}

/** Which store it is, without what it is reached by: two of the same place have the same objects. */
export function storePlace(store: StoreConfig): string {
  if (store.is === 'file') return storeAddress(store)
  const { is, bucket, prefix, region, endpoint } = store
  return storeAddress({
    ...{ is, bucket },
    ...(prefix === undefined ? {} : { prefix }),
    ...(endpoint === undefined ? {} : { endpoint }),
    // Buckets of AWS have one name in all regions.
    ...(endpoint === undefined || region === undefined ? {} : { region }),
  })
}

/** The store as `modelry config` shows it: its address, or that and the options which an address has no place for. */
export function shownStore(store: StoreConfig): unknown {
  const address = storeAddress(store)
  if (store.is === 'file') return address
  const { transfer, retry, timeouts, capabilities, credentials } = store
  const options = Object.entries({ transfer, retry, timeouts, capabilities }).filter(
    ([, option]) => option !== undefined,
  )
  if (options.length === 0 && credentials === undefined) return address
  return {
    address,
    ...Object.fromEntries(options),
    ...(credentials === undefined ? {} : { credentials: '***' }),
  }
}
