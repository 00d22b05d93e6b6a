import { chain } from '../../../diagnosis/find-cause.js'

/**
 * What a failure of a request says of making it again.
 *
 * - `throttled`: the store asks for fewer requests.
 * - `outage`: the store or the way to it does not work; 5xx, time-outs, connections, names.
 * - `transient`: this request met something that passes, while the store works.
 * - `permanent`: the same request will fail again.
 */
export type FailureKind = 'throttled' | 'outage' | 'transient' | 'permanent'

/** Amazon S3 API Reference, "Error responses", and what other services of AWS call the same. */
const THROTTLED = new Set([
  ...['SlowDown', 'SlowDownRead', 'SlowDownWrite', 'TooManyRequests', 'TooManyRequestsException'],
  ...['Throttling', 'ThrottlingException', 'ThrottledException', 'RequestThrottled', 'RequestLimitExceeded'],
  ...['RequestThrottledException', 'BandwidthLimitExceeded', 'ProvisionedThroughputExceededException'],
])

const TIMED_OUT = new Set(['RequestTimeout', 'RequestTimeoutException', 'TimeoutError'])

/** Codes of Node for connections and names, as `net`, `dns` and the HTTP parser give them. */
const NETWORK = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN'],
  ...['ENETUNREACH', 'ENETDOWN', 'ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL', 'ERR_STREAM_PREMATURE_CLOSE'],
])

/**
 * A race of two writers, or of a writer with the clearing away of an empty folder (versitygw), a body that was damaged or cut on its way, a clock that the SDK has set by the store's answer.
 * What was sent is in memory, so a digest that does not fit was right when it left.
 */
const TRANSIENT = new Set([
  ...['ConditionalRequestConflict', 'OperationAborted', 'BadDigest', 'XAmzContentChecksumMismatch'],
  ...['XAmzContentSHA256Mismatch', 'IncompleteBody', 'ExistingObjectIsDirectory', 'ObjectParentIsFile'],
])

/** 501 and 507 come from a store that works: it lacks a feature, or space. */
const OUTAGE_STATUS = new Set([500, 502, 503, 504, 520, 521, 522, 523, 524, 529])

export function kindOfFailure(error: unknown): FailureKind {
  for (const link of chain(error)) {
    const kind = kindOfLink(link)
    if (kind !== 'permanent') return kind
  }
  return 'permanent'
}

function kindOfLink(link: object): FailureKind {
  const words = [field(link, 'name'), field(link, 'Code'), field(link, 'code')]
  const has = (known: ReadonlySet<string>) =>
    words.some((word) => typeof word === 'string' && known.has(word))
  const status = statusOf(link)
  if (has(THROTTLED) || status === 429) return 'throttled'
  if (has(TIMED_OUT) || has(NETWORK) || (status !== undefined && OUTAGE_STATUS.has(status))) return 'outage'
  if (has(TRANSIENT) || wasClockCorrected(link)) return 'transient'
  return 'permanent'
}

/**
 * Whether a write that ended so may have been carried out all the same: the answer is what is missing, or it does not
 * say. A refusal, and a connection that never came to be, leave no doubt.
 */
export function maybeApplied(error: unknown): boolean {
  const status = statusOf(error)
  if (status !== undefined && status >= 400 && status < 500 && status !== 408) return false
  if (status === 501 || status === 507) return false
  const links = [...chain(error)]
  if (links.some((link) => UNSENT.has(String(field(link, 'code') ?? field(link, 'name'))))) return false
  const kind = kindOfFailure(error)
  if (kind === 'throttled') return false
  // The SDK gives it no code of its own.
  return !links.some((link) => String(field(link, 'message')).includes('did not establish a connection'))
}

const UNSENT = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EPROTO'],
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ...['CERT_HAS_EXPIRED', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_INVALID_URL'],
  ...['CredentialsProviderError'],
])

/** HTTP status of the answer; undefined where there was none. */
export function statusOf(error: unknown): number | undefined {
  const status = field(field(error, '$metadata'), 'httpStatusCode')
  return typeof status === 'number' ? status : undefined
}

/** `Retry-After` of the answer, in milliseconds: seconds or a date (RFC 9110, 10.2.3). */
export function retryAfterMs(error: unknown, now: number): number | undefined {
  const headers = field(field(error, '$response'), 'headers')
  const value = field(headers, 'retry-after')
  if (typeof value !== 'string') return undefined
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1_000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

function wasClockCorrected(link: object): boolean {
  return field(field(link, '$metadata'), 'clockSkewCorrected') === true
}

/** A property of what may be no object. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
