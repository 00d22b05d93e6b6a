import { PutObjectLegalHoldCommand } from '@aws-sdk/client-s3'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { AWS_CAPABILITIES } from '../../src/adapters/artifacts/s3/capabilities.js'
import type { S3StoreOptions } from '../../src/adapters/artifacts/s3/options.js'
import { type S3Address, splitS3Address, toS3Address } from '../../src/domain/s3-address.js'
import { bytes, collect, failureOf, readAll } from '../../src/ports/testing/contract-bytes.js'
import { adminClient } from '../support/s3/admin-client.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { freshAddress } from '../support/s3/fresh-address.js'
import { type Rule, type SeenRequest, s3Error } from '../support/s3/http-fault-proxy.js'
import { openStore } from '../support/s3/open-store.js'
import { httpProxy } from '../support/s3/proxies.js'
import { ADMIN, LOCKING_BUCKET, NOBODY, READER, VERSIONED_BUCKET } from '../support/s3/s3-server.js'
import { untrustedServer } from '../support/s3/tls-server.js'

const once = { capabilities: AWS_CAPABILITIES, retry: { attempts: 1 } } as const

/** The clock of this process, until the test has finished. */
function anHourAhead(): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
  onTestFinished(() => {
    vi.useRealTimers()
  })
}

describeEachServer('A failure', (server) => {
  const store = (options: Partial<S3StoreOptions> = {}) => openStore(server, { ...once, ...options })

  const stored = async (bucket?: string): Promise<S3Address> => {
    const address = freshAddress('model.bin', bucket)
    await store().put(address, bytes('weights'))
    return address
  }

  /** The same call in each operation. */
  const inEach = (address: S3Address, options: Partial<S3StoreOptions>) => {
    const subject = store(options)
    return {
      put: () => subject.put(freshAddress(), bytes('x')),
      open: () => subject.open(address),
      stat: () => subject.stat(address),
      delete: () => subject.delete(address),
      list: () => collect(subject.list(address)),
      check: () => subject.check(),
    }
  }

  it.each([
    ['a wrong secret', { credentials: { ...ADMIN, secretAccessKey: 'wrong' } }, 'signature-mismatch'],
    [
      'a key that the store does not know',
      { credentials: { ...ADMIN, accessKeyId: 'who' } },
      'unknown-access-key',
    ],
  ])('by %s is told as such in every operation, though HEAD has no words', async (_, options, reason) => {
    for (const call of Object.values(inEach(await stored(), options)))
      expect(await failureOf(call())).toMatchObject({ reason })
  })

  it('by a denial names the action and the object', async () => {
    const address = await stored()
    const { bucket, key } = splitS3Address(address)
    const reader = store({ credentials: READER })
    expect(await failureOf(reader.put(freshAddress(), bytes('x')))).toMatchObject({
      name: 'S3UploadError',
      reason: 'access-denied',
      outcome: 'not-applied',
      context: { action: 's3:PutObject', bucket, endpoint: server.endpoint },
    })
    expect(await failureOf(reader.delete(address))).toMatchObject({
      name: 'S3DeleteError',
      reason: 'access-denied',
      context: { action: 's3:DeleteObject', key },
    })
    expect(Buffer.from(await readAll(await reader.open(address))).toString()).toBe('weights')
    const nobody = store({ credentials: NOBODY })
    for (const call of [
      () => nobody.open(address),
      () => nobody.stat(address),
      () => collect(nobody.list(address)),
    ])
      expect(await failureOf(call())).toMatchObject({ reason: 'access-denied', context: { bucket } })
  })

  it('for want of the bucket is not taken for want of the object', async () => {
    const missing = toS3Address('modelry-no-such-bucket', 'a/b')
    const subject = store({ bucket: 'modelry-no-such-bucket' })
    for (const call of [
      () => subject.put(missing, bytes('x')),
      () => subject.open(missing),
      () => subject.stat(missing),
      () => collect(subject.list()),
      () => collect(subject.listUnfinished()),
      () => subject.check(),
    ])
      expect(await failureOf(call())).toMatchObject({ reason: 'bucket-missing' })
  })

  // SeaweedFS takes every region for its own.
  it.skipIf(server.name === 'seaweedfs')('by another region says which one it is', async () => {
    expect(await failureOf(store({ region: 'eu-west-1' }).open(await stored()))).toMatchObject({
      reason: 'wrong-region',
      context: { region: 'eu-west-1' },
    })
  })

  it('by an object that is locked is no denial', async () => {
    const address = await stored(LOCKING_BUCKET)
    const { bucket, key } = splitS3Address(address)
    const admin = adminClient(server)
    const hold = (Status: 'ON' | 'OFF') =>
      admin.send(new PutObjectLegalHoldCommand({ Bucket: bucket, Key: key, LegalHold: { Status } }))
    await hold('ON')
    const failure = await failureOf(store({ versions: 'remove' }).delete(address))
    expect(failure).toMatchObject({ name: 'S3DeleteError', reason: 'object-locked', outcome: 'not-applied' })
    await hold('OFF')
    await store({ versions: 'remove' }).delete(address)
    admin.destroy()
  })

  // SeaweedFS keeps them beside each other, as AWS does.
  it.skipIf(server.name === 'seaweedfs')('for an object where others lie below says so', async () => {
    const address = await stored()
    const below = toS3Address(splitS3Address(address).bucket, `${splitS3Address(address).key}/below`)
    expect(await failureOf(store().put(below, bytes('x')))).toMatchObject({ reason: 'path-blocked' })
  })

  it('by a delete marker is told from an object that never was', async () => {
    const address = await stored(VERSIONED_BUCKET)
    await store().delete(address)
    expect(await failureOf(store().open(address))).toMatchObject({ reason: 'delete-marker' })
    expect(await store().stat(address)).toBeUndefined()
    const never = freshAddress('x', VERSIONED_BUCKET)
    expect(await failureOf(store().open(never))).toMatchObject({ reason: 'object-missing' })
  })

  it('by a clock that is an hour off is mended with the time that the store tells', async () => {
    const address = await stored()
    const skewed = store({ retry: { attempts: 2 } })
    anHourAhead()
    expect(Buffer.from(await readAll(await skewed.open(address))).toString()).toBe('weights')
  })

  it('by a clock that the store does not set is told as such', async () => {
    const proxy = await httpProxy(server)
    const address = await stored()
    proxy.rule(() => ({ rewrite: (headers) => Object.assign(headers, { date: undefined }) }))
    const skewed = openStore(proxy, once)
    anHourAhead()
    expect(await failureOf(skewed.open(address))).toMatchObject({ reason: 'clock-skew' })
  })

  it.each<[string, Rule, string, object]>([
    ['expired credentials', () => ({ answer: s3Error(400, 'ExpiredToken') }), 'credentials-expired', {}],
    ['throttling', () => ({ answer: s3Error(503, 'SlowDown') }), 'throttled', {}],
    [
      'throttling that says how long',
      () => ({ answer: s3Error(503, 'SlowDown', { 'retry-after': '90' }) }),
      'throttled',
      { retryInMs: 90_000 },
    ],
    ['too many requests', () => ({ answer: s3Error(429, 'TooManyRequests') }), 'throttled', {}],
    [
      'a fault of the store',
      () => ({ answer: s3Error(500, 'InternalError') }),
      'store-fault',
      { httpStatus: 500 },
    ],
    ['a store without room', () => ({ answer: s3Error(507, 'InsufficientStorage') }), 'store-full', {}],
    ['a feature that it lacks', () => ({ answer: s3Error(501, 'NotImplemented') }), 'not-implemented', {}],
    [
      'an object in an archive',
      () => ({ answer: s3Error(403, 'InvalidObjectState') }),
      'object-archived',
      {},
    ],
    [
      'a page of a proxy with 502',
      () => ({ answer: { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>Bad</html>' } }),
      'proxy-in-between',
      {},
    ],
    [
      'a page of a proxy with 200',
      () => ({ answer: { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Hi</html>' } }),
      'proxy-in-between',
      {},
    ],
  ])('by %s has its cause in every operation', async (_, rule, reason, context) => {
    const proxy = await httpProxy(server)
    const address = await stored()
    proxy.rule(rule)
    const { check: __, ...calls } = inEach(address, { endpoint: proxy.endpoint })
    for (const [name, call] of Object.entries(calls))
      expect({ call: name, ...(await failureOf(call())) }).toMatchObject({ call: name, reason, context })
  })

  it('by a slow answer ends at the deadline', async () => {
    const proxy = await httpProxy(server)
    const address = await stored()
    proxy.rule(() => ({ delayMs: 60_000 }))
    const slow = openStore(proxy, { ...once, retry: { attempts: 3, deadlineMs: 200 } })
    expect(await failureOf(slow.stat(address))).toMatchObject({
      name: 'S3Error',
      reason: 'timed-out',
      context: { operation: 'stat' },
    })
  })

  it('of a listing that is a page of a proxy is no empty listing', async () => {
    const proxy = await httpProxy(server)
    proxy.rule((request: SeenRequest) =>
      request.query.has('list-type')
        ? { answer: { status: 200, headers: { 'content-type': 'text/html' }, body: '<html></html>' } }
        : undefined,
    )
    expect(await failureOf(collect(openStore(proxy, once).list()))).toMatchObject({
      reason: 'proxy-in-between',
    })
  })

  it('to connect by TLS to a server without it is told as such', async () => {
    const endpoint = server.endpoint.replace('http:', 'https:')
    expect(await failureOf(store({ endpoint }).stat(freshAddress()))).toMatchObject({
      reason: 'tls-handshake',
    })
  })
})

describe('A failure without a store', () => {
  it('to connect is told with the host and the port', async () => {
    const store = openStore({ endpoint: 'http://127.0.0.1:9' }, once)
    expect(await failureOf(store.put(freshAddress(), bytes('x')))).toMatchObject({
      name: 'S3UploadError',
      reason: 'connection-refused',
      outcome: 'not-applied',
      context: { host: '127.0.0.1', port: 9 },
    })
  })

  it('to find the host names it', async () => {
    const store = openStore({ endpoint: 'http://s3.nonexistent.invalid' }, once)
    const failure = await failureOf(store.open(freshAddress()))
    expect(['host-not-found', 'resolver-unavailable']).toContain(failure.reason)
    expect(failure.context.host).toBe('s3.nonexistent.invalid')
  })

  it('to trust its certificate is told as such', async ({ skip }) => {
    const endpoint = await untrustedServer()
    if (endpoint === undefined) return skip('there is no openssl to make a certificate with')
    expect(await failureOf(openStore({ endpoint }, once).stat(freshAddress()))).toMatchObject({
      reason: 'tls-untrusted',
    })
  })

  it('to find a region is told as such', async () => {
    const { S3ArtifactStore } = await import('../../src/adapters/artifacts/s3.js')
    const store = new S3ArtifactStore({
      bucket: 'models',
      endpoint: 'http://127.0.0.1:9',
      profile: 'no-such',
    })
    expect(await failureOf(store.open(freshAddress()))).toMatchObject({ reason: 'region-missing' })
  })

  it('to find credentials is told as such', async () => {
    const { S3ArtifactStore } = await import('../../src/adapters/artifacts/s3.js')
    const store = new S3ArtifactStore({
      bucket: 'models',
      endpoint: 'http://127.0.0.1:9',
      region: 'us-east-1',
      profile: 'no-such',
      ...once,
    })
    expect(await failureOf(store.open(freshAddress()))).toMatchObject({ reason: 'credentials-missing' })
  })
})
