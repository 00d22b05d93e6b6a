import { meantSetting } from '../../../domain/nearest.js'
import { parseS3Address } from '../../../domain/s3-address.js'
import { InvalidS3PathError } from '../../../errors/invalid-s3-path/error.js'
import type { AssumedRole, Encryption, S3StoreOptions } from './options.js'

const SETTINGS = [
  ...['region', 'endpoint', 'forcePathStyle', 'profile', 'roleArn', 'externalId', 'sse', 'kmsKeyId'],
  ...['storageClass', 'tags', 'requestPayer', 'expectedBucketOwner', 'versions'],
  ...['singleLimit', 'multipartLimit'],
]

/**
 * Reads the address of a store: `s3://bucket/prefix?region=eu-central-1&endpoint=http://127.0.0.1:9000&forcePathStyle=true`.
 *
 * Settings after the question mark, in the encoding of a URL: `region`, `endpoint`, `forcePathStyle` (true or false),
 * `profile`, `roleArn` and `externalId`, `sse` (`AES256` or `aws:kms`) and `kmsKeyId`, `storageClass`, `tags`
 * (`a=b&c=d`, encoded), `requestPayer` (`requester`), `expectedBucketOwner`, `versions` (`keep` or `remove`),
 * `singleLimit` and `multipartLimit` (bytes).
 * Credentials have no place in it.
 *
 * @throws InvalidS3PathError
 */
export function parseS3StoreAddress(text: string): S3StoreOptions {
  const refuse = (problem: string): never => {
    throw new InvalidS3PathError({ invalidPath: text, problem })
  }
  const mark = text.indexOf('?')
  const place = mark < 0 ? text : text.slice(0, mark)
  if (place.includes('@'))
    refuse('it holds credentials, which belong in the environment, in a profile or in a role')
  const [bucket = '', ...folders] = place.replace(/^s3:\/\//, '').split('/')
  const prefix = folders.join('/').replace(/\/$/, '')
  try {
    parseS3Address(`${place.startsWith('s3://') ? 's3://' : ''}${bucket}/${prefix || 'any'}`)
  } catch (error) {
    if (error instanceof InvalidS3PathError) refuse(String(error.context.problem))
    throw error
  }
  const options: Draft = { bucket }
  if (prefix !== '') options.prefix = prefix
  for (const [name, value] of settingsOf(mark < 0 ? '' : text.slice(mark + 1), refuse)) {
    apply(name, value, options, refuse)
  }
  if (options.kmsKeyId !== undefined && options.encryption?.is !== 'sse-kms')
    refuse('it has a kmsKeyId without sse=aws:kms')
  if (options.externalId !== undefined && options.assumeRole === undefined)
    refuse('it has an externalId without a roleArn')
  return finished(options)
}

type Refuse = (problem: string) => never
type Draft = { -readonly [K in keyof S3StoreOptions]: S3StoreOptions[K] } & {
  kmsKeyId?: string
  externalId?: string
}

function settingsOf(query: string, refuse: Refuse): Map<string, string> {
  const values = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(query)) {
    if (!SETTINGS.includes(name)) {
      const meant = meantSetting(name, SETTINGS)
      refuse(`it has the setting ${name}, which is none${meant === undefined ? '' : `; ${meant} is one`}`)
    }
    if (values.has(name)) refuse(`it has the setting ${name} twice`)
    if (value === '') refuse(`its setting ${name} is empty`)
    values.set(name, value)
  }
  return values
}

function apply(name: string, value: string, options: Draft, refuse: Refuse): void {
  const choose = <T>(known: ReadonlyMap<string, T>): T => {
    const found = known.get(value)
    if (found !== undefined) return found
    return refuse(`its setting ${name} is ${JSON.stringify(value)} and not ${[...known.keys()].join(' or ')}`)
  }
  switch (name) {
    case 'region':
    case 'profile':
    case 'storageClass':
    case 'expectedBucketOwner':
    case 'kmsKeyId':
    case 'externalId':
      options[name] = value
      break
    case 'endpoint':
      if (!isHttpAddress(value))
        refuse(`its endpoint ${JSON.stringify(value)} is no http:// or https:// address`)
      options.endpoint = value
      break
    case 'forcePathStyle':
      options.forcePathStyle = choose(BOOLEANS)
      break
    case 'versions':
      options.versions = choose(VERSIONS)
      break
    case 'requestPayer':
      options.requesterPays = choose(PAYERS)
      break
    case 'roleArn':
      options.assumeRole = { arn: value }
      break
    case 'sse':
      options.encryption = choose(ENCRYPTIONS)
      break
    case 'singleLimit':
      options.limits = { ...options.limits, single: bytesIn(name, value, refuse) }
      break
    case 'multipartLimit':
      options.limits = { ...options.limits, multipart: bytesIn(name, value, refuse) }
      break
    case 'tags':
      options.tags = Object.fromEntries(new URLSearchParams(value))
  }
}

function bytesIn(name: string, value: string, refuse: Refuse): number {
  if (/^[1-9]\d{0,14}$/.test(value)) return Number(value)
  return refuse(`its setting ${name} is ${JSON.stringify(value)} and not a number of bytes`)
}

const BOOLEANS = new Map([
  ['true', true],
  ['false', false],
])
const VERSIONS = new Map([
  ['keep', 'keep' as const],
  ['remove', 'remove' as const],
])
const PAYERS = new Map([['requester', true]])
const ENCRYPTIONS = new Map<string, Encryption>([
  ['AES256', { is: 'sse-s3' }],
  ['aws:kms', { is: 'sse-kms' }],
])

function finished({ kmsKeyId, externalId, encryption, assumeRole, ...options }: Draft): S3StoreOptions {
  const role: AssumedRole | undefined =
    assumeRole === undefined || externalId === undefined ? assumeRole : { ...assumeRole, externalId }
  const sealed: Encryption | undefined =
    encryption?.is === 'sse-kms' && kmsKeyId !== undefined ? { is: 'sse-kms', keyId: kmsKeyId } : encryption
  return {
    ...options,
    ...(role === undefined ? {} : { assumeRole: role }),
    ...(sealed === undefined ? {} : { encryption: sealed }),
  }
}

function isHttpAddress(endpoint: string): boolean {
  return URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol)
}
