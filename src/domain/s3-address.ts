import type { $brand } from 'zod'
import { InvalidS3PathError } from '../errors/invalid-s3-path/error.js'
import { meantAddress } from './meant-address.js'
import { found } from './refuse.js'
import { relativePathProblem } from './relative-path.js'

/** `s3://bucket/key`: where one object lies, whatever the store. */
export type S3Address = string & $brand<'S3Address'>

/** Amazon S3 User Guide, "Object key names". */
const LONGEST_KEY = 1024

export const BUCKET_RULE = '3 to 63 lower-case letters, digits, dots and hyphens'
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/

/** Amazon S3 User Guide, "Bucket naming rules": the rule, and neither two dots in a row nor an IP address. */
export function isBucketName(text: string): boolean {
  return BUCKET.test(text) && !text.includes('..') && !/^\d+\.\d+\.\d+\.\d+$/.test(text)
}

/**
 * Keys are held to what every store can keep: no empty, `.` or `..` part, no name that a file system refuses. S3 itself
 * would take some of them, but `a//b` or `a/../b` do not survive SDKs, proxies and disks.
 *
 * @throws InvalidS3PathError
 */
export function parseS3Address(text: unknown): S3Address {
  const problem = addressProblem(text)
  if (problem === undefined) return text as S3Address
  const suggestedPath = typeof text === 'string' ? suggestS3Address(text) : undefined
  throw new InvalidS3PathError({
    invalidPath: typeof text === 'string' ? text : found(text),
    problem,
    ...(suggestedPath === undefined ? {} : { suggestedPath }),
  })
}

/** The address that a text which is none seems to mean; undefined where that cannot be told, or would be none either. */
export function suggestS3Address(text: string): S3Address | undefined {
  const meant = meantAddress(text)
  return meant !== undefined && isS3Address(meant) ? meant : undefined
}

export function isS3Address(text: string): text is S3Address {
  return addressProblem(text) === undefined
}

/** The address of `bucket` and `key`. @throws InvalidS3PathError */
export function toS3Address(bucket: string, key: string): S3Address {
  return parseS3Address(`s3://${bucket}/${key}`)
}

/** The address of a file under the address of its version. @throws InvalidS3PathError */
export function childAddress(parent: S3Address, path: string): S3Address {
  return parseS3Address(`${parent}/${path}`)
}

export function splitS3Address(address: S3Address): { bucket: string; key: string } {
  const slash = address.indexOf('/', 5)
  return { bucket: address.slice(5, slash), key: address.slice(slash + 1) }
}

/** Whether `address` is `place` or lies in that folder. */
export function isAtOrBelow(address: string, place: S3Address): boolean {
  return address === place || address.startsWith(`${place}/`)
}

function addressProblem(text: unknown): string | undefined {
  if (typeof text !== 'string') return 'it is not text'
  if (!text.startsWith('s3://')) return 'it does not start with s3:// (in lower case)'
  const slash = text.indexOf('/', 5)
  const bucket = slash < 0 ? text.slice(5) : text.slice(5, slash)
  if (bucket === '') return 'it names no bucket'
  // Not quoted: what stands before it may be a secret key.
  if (bucket.includes('@')) return 'it has a user name or password before the bucket'
  if (!isBucketName(bucket)) return `the bucket name ${JSON.stringify(bucket)} is not ${BUCKET_RULE}`
  if (slash < 0 || slash === text.length - 1) return 'it names no object after the bucket'
  const problem = relativePathProblem(text.slice(slash + 1), LONGEST_KEY)
  return problem === undefined ? undefined : problem.replace(/^it /, 'its key ')
}
