import { describe, expect, it } from 'vitest'
import { kindOfFailure, maybeApplied, retryAfterMs } from './classify.js'

const answer = (status: number, code: string, more: object = {}) =>
  Object.assign(new Error('x'), { name: code, Code: code, $metadata: { httpStatusCode: status }, ...more })
const network = (code: string, name = 'Error') => Object.assign(new Error('x'), { name, code })

describe('kindOfFailure', () => {
  it.each([
    ['throttled', answer(503, 'SlowDown')],
    ['throttled', answer(429, 'TooManyRequests')],
    ['throttled', answer(400, 'Throttling')],
    ['outage', answer(500, 'InternalError')],
    ['outage', answer(503, 'Unknown')],
    ['outage', answer(502, 'Error')],
    ['outage', answer(400, 'RequestTimeout')],
    ['outage', network('ECONNREFUSED')],
    ['outage', network('ECONNRESET', 'TimeoutError')],
    ['outage', network('ENOTFOUND')],
    ['outage', network('EAI_AGAIN')],
    ['outage', Object.assign(new Error('x'), { name: 'TimeoutError' })],
    ['transient', answer(409, 'ConditionalRequestConflict')],
    ['transient', answer(400, 'BadDigest')],
    ['transient', answer(400, 'XAmzContentChecksumMismatch')],
    [
      'transient',
      answer(403, 'RequestTimeTooSkewed', { $metadata: { httpStatusCode: 403, clockSkewCorrected: true } }),
    ],
    ['permanent', answer(403, 'RequestTimeTooSkewed')],
    ['permanent', answer(403, 'AccessDenied')],
    ['permanent', answer(404, 'NoSuchKey')],
    ['permanent', answer(412, 'PreconditionFailed')],
    ['permanent', answer(501, 'NotImplemented')],
    ['permanent', answer(507, 'InsufficientStorage')],
    ['permanent', network('DEPTH_ZERO_SELF_SIGNED_CERT')],
    ['permanent', new Error('anything')],
    ['permanent', undefined],
  ])('is %s for %o', (kind, error) => {
    expect(kindOfFailure(error)).toBe(kind)
  })

  it('looks at what is underneath', () => {
    expect(kindOfFailure(new Error('x', { cause: network('ECONNREFUSED') }))).toBe('outage')
  })
})

describe('maybeApplied', () => {
  it.each([
    [true, network('ECONNRESET', 'TimeoutError')],
    [true, answer(500, 'InternalError')],
    [true, Object.assign(new Error('the request socket timed out'), { name: 'TimeoutError' })],
    [true, Object.assign(new Error('Request aborted'), { name: 'AbortError' })],
    [false, network('ECONNREFUSED')],
    [false, network('ENOTFOUND')],
    [false, answer(403, 'AccessDenied')],
    [false, answer(503, 'SlowDown')],
    [false, Object.assign(new Error('no keys'), { name: 'CredentialsProviderError' })],
    [
      false,
      Object.assign(new Error('the request socket did not establish a connection with the server'), {
        name: 'TimeoutError',
      }),
    ],
  ])('is %s for %o', (doubtful, error) => {
    expect(maybeApplied(error)).toBe(doubtful)
  })
})

describe('retryAfterMs', () => {
  const waitFor = (value?: string) =>
    retryAfterMs({ $response: { headers: { 'retry-after': value } } }, Date.UTC(2026, 0, 1))

  it('reads seconds and dates', () => {
    expect(waitFor('3')).toBe(3_000)
    expect(waitFor('Thu, 01 Jan 2026 00:00:10 GMT')).toBe(10_000)
    expect(waitFor('Wed, 31 Dec 2025 00:00:00 GMT')).toBe(0)
  })

  it('is undefined where there is none, or none that can be read', () => {
    expect(waitFor()).toBeUndefined()
    expect(waitFor('soon')).toBeUndefined()
    expect(retryAfterMs(new Error('x'), 0)).toBeUndefined()
  })
})
