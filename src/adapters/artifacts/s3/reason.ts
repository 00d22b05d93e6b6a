import { chain, findCause } from '../../../diagnosis/find-cause.js'
import type { Cause, ErrorContext } from '../../../errors/cause.js'
import { proxyInBetween } from '../../../errors/causes/http-answer.js'
import { pathBlocked } from '../../../errors/causes/local-disk.js'
import {
  aborted,
  checksumMismatch,
  objectExists,
  objectMissing,
  sourceFailed,
} from '../../../errors/causes/objects.js'
import { bucketMissing } from '../../../errors/causes/s3-objects.js'
import { unknownCause } from '../../../errors/causes/unknown.js'
import { SourceFailure } from '../pieces.js'
import { Refusal } from '../refusal.js'
import { provableCauses } from './causes.js'
import { field, statusOf } from './classify.js'
import { NotAnS3Answer } from './required.js'
import { RequestFailure } from './retry.js'

/** Why something failed, what to keep as `error.cause`, and the facts that came with it. */
export interface Reason {
  readonly reason: Cause
  readonly cause: unknown
  readonly facts: ErrorContext
}

/** What bodies that were damaged on their way are refused with, by AWS and others. */
const DIGESTS = new Set([
  'BadDigest',
  'InvalidDigest',
  'XAmzContentChecksumMismatch',
  'XAmzContentSHA256Mismatch',
])

/** Stores that keep objects as files (versitygw) cannot hold `a` beside `a/b`. */
const FOLDERS = new Set(['ExistingObjectIsDirectory', 'ObjectParentIsFile'])

/** @param signal - the caller's: once it fired, its wish explains whatever came of it. */
export function reasonOf(error: unknown, signal: AbortSignal | undefined): Reason {
  if (signal?.aborted) return { reason: aborted, cause: signal.reason, facts: {} }
  if (error instanceof Refusal) return { reason: error.reason, cause: undefined, facts: error.facts }
  if (error instanceof SourceFailure) return { reason: sourceFailed, cause: error.cause, facts: {} }
  if (error instanceof RequestFailure && error.cause instanceof Refusal) return reasonOf(error.cause, signal)
  if (!(error instanceof RequestFailure)) return { reason: causeOf(error), cause: error, facts: {} }
  const facts: ErrorContext = {
    ...answerFacts(error.cause),
    attempts: error.attempts,
    ...(error.retryInMs === undefined ? {} : { retryInMs: error.retryInMs }),
  }
  return { reason: causeOf(error.cause), cause: error.cause, facts }
}

function causeOf(error: unknown): Cause {
  if (error instanceof NotAnS3Answer || isPage(error)) return proxyInBetween
  const status = statusOf(error)
  const code = field(error, 'Code') ?? field(error, 'name')
  if (code === 'NoSuchBucket') return bucketMissing
  if (code === 'NoSuchKey' || code === 'NotFound') return objectMissing
  if (typeof code === 'string' && DIGESTS.has(code)) return checksumMismatch
  if (status === 412) return objectExists
  if (typeof code === 'string' && FOLDERS.has(code)) return pathBlocked
  return findCause(error, provableCauses) ?? unknownCause
}

/** A page for people where S3 would answer XML, and bytes that are no HTTP at all. */
function isPage(error: unknown): boolean {
  if (String(field(error, 'code')).startsWith('HPE_')) return true
  return /^text\/html\b/i.test(String(header(error, 'content-type') ?? ''))
}

/** A header of the answer that the error came from. */
function header(error: unknown, name: string): unknown {
  return field(field(field(error, '$response'), 'headers'), name)
}

/** What the answer tells of itself and of what it was asked. */
function answerFacts(error: unknown): ErrorContext {
  const facts: Record<string, unknown> = {}
  const status = statusOf(error)
  if (status !== undefined) facts.httpStatus = status
  for (const link of chain(error)) {
    const [host, address, port] = [field(link, 'hostname'), field(link, 'address'), field(link, 'port')]
    if (typeof (host ?? address) === 'string') facts.host ??= host ?? address
    if (typeof port === 'number') facts.port ??= port
  }
  const region = field(error, 'Region') ?? header(error, 'x-amz-bucket-region')
  if (typeof region === 'string') facts.expected = region
  return facts
}
