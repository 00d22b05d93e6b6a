import { expect, it } from 'vitest'
import type { S3Address } from '../../src/domain/s3-address.js'
import {
  bytes,
  failureOf,
  inPieces,
  patterned,
  readAll,
  sha256Of,
} from '../../src/ports/testing/contract-bytes.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { freshAddress } from '../support/s3/fresh-address.js'
import { type Rule, type SeenRequest, s3Error } from '../support/s3/http-fault-proxy.js'
import { openStore } from '../support/s3/open-store.js'
import { httpProxy } from '../support/s3/proxies.js'

const MIB = 1024 ** 2
const transfer = { partBytes: 5 * MIB, threshold: 5 * MIB, parallelParts: 2 } as const

const has = (name: RegExp) => (request: SeenRequest) =>
  Object.keys(request.headers).some((key) => name.test(key))
const hasChecksum = has(/^x-amz-(checksum|sdk-checksum|trailer)/)
const hasCondition = has(/^if-none-match$/)

/** Refuses what stores do that know neither checksum headers nor trailers, such as B2 and Supabase Storage. */
const withoutChecksums: Rule = (request) =>
  hasChecksum(request) ? { answer: s3Error(501, 'NotImplemented') } : undefined

/** Refuses conditions, and says so. */
const withoutConditions: Rule = (request) =>
  hasCondition(request) ? { answer: s3Error(501, 'NotImplemented') } : undefined

/** Takes no notice of conditions, as older stores do: what the real one refuses for them is told to have succeeded. */
const deaf: Rule = (request) => {
  if (!hasCondition(request)) return undefined
  const body = '<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>'
  return {
    answer: { status: 200, headers: { etag: '"e"', 'content-type': 'application/xml' }, body },
    afterServer: true,
  }
}

const both: Rule = (request) => withoutChecksums(request) ?? withoutConditions(request)

describeEachServer('A store that is not like AWS', (server) => {
  const reads = async (address: S3Address) => sha256Of(await readAll(await openStore(server).open(address)))

  it.each<[string, Rule, object]>([
    [
      'checksum headers',
      withoutChecksums,
      { checksum: 'md5', conditionalPut: true, conditionalComplete: true },
    ],
    [
      'conditional writes',
      withoutConditions,
      { checksum: 'crc32', conditionalPut: false, conditionalComplete: false },
    ],
    ['either', both, { checksum: 'md5', conditionalPut: false, conditionalComplete: false }],
  ])('without %s is found out, and keeps objects small and large', async (_, rule, found) => {
    const proxy = await httpProxy(server)
    proxy.rule(rule)
    const store = openStore(proxy, { transfer })
    expect(await store.capabilities()).toMatchObject({ ...found, multipart: true })
    for (const size of [1_000, 12 * MIB]) {
      const address = freshAddress()
      const content = patterned(size)
      await store.put(address, inPieces(content, 65_536))
      expect(await reads(address)).toBe(sha256Of(content))
      expect(await failureOf(store.put(address, inPieces(content, 65_536)))).toMatchObject({
        reason: 'object-exists',
      })
    }
  })

  it('that takes no notice of conditions is found out', async () => {
    const proxy = await httpProxy(server)
    proxy.rule(deaf)
    const store = openStore(proxy, { transfer })
    expect(await store.capabilities()).toMatchObject({ conditionalPut: false, conditionalComplete: false })
    const address = freshAddress()
    await store.put(address, bytes('the first'))
    expect(await failureOf(store.put(address, bytes('the second')))).toMatchObject({
      reason: 'object-exists',
    })
  })

  it('gets no trailer, and no body in chunks', async () => {
    const proxy = await httpProxy(server)
    const store = openStore(proxy, { transfer })
    await store.put(freshAddress(), bytes('weights'))
    await store.put(freshAddress(), inPieces(patterned(12 * MIB), 65_536))
    const bodies = proxy.seen.filter(({ method }) => method === 'PUT')
    expect(bodies.length).toBeGreaterThan(4)
    for (const { headers } of bodies) {
      expect(headers['x-amz-trailer']).toBeUndefined()
      expect(headers['content-encoding']).toBeUndefined()
      expect(headers['transfer-encoding']).toBeUndefined()
      expect(Number(headers['content-length'])).toBeGreaterThan(0)
    }
  })

  it('gets parts of one size, but for the last', async () => {
    const proxy = await httpProxy(server)
    await openStore(proxy, { transfer }).put(freshAddress(), inPieces(patterned(17 * MIB), 65_536))
    const parts = proxy.seen.filter(({ query, headers }) => {
      return query.has('partNumber') && Number(headers['content-length']) > 1_000
    })
    expect(parts.map(({ headers }) => Number(headers['content-length'])).sort((a, b) => b - a)).toEqual([
      ...[5 * MIB, 5 * MIB, 5 * MIB],
      2 * MIB,
    ])
  })

  it('that has no parts keeps what fits into one request, and names what is missing', async () => {
    const proxy = await httpProxy(server)
    proxy.rule(({ query }) =>
      query.has('uploads') || query.has('uploadId') ? { answer: s3Error(501, 'NotImplemented') } : undefined,
    )
    const store = openStore(proxy, { limits: { single: 6 * MIB } })
    expect(await store.capabilities()).toMatchObject({ multipart: false })
    const content = patterned(6 * MIB)
    const address = freshAddress()
    await store.put(address, inPieces(content, 65_536))
    expect(await reads(address)).toBe(sha256Of(content))
    const larger = store.put(freshAddress(), inPieces(patterned(6 * MIB + 1), 65_536))
    expect(await failureOf(larger)).toMatchObject({ reason: 'too-large', context: { expected: 6 * MIB } })
  })

  it('is asked what it can do once, by however many uploads begin together', async () => {
    const proxy = await httpProxy(server)
    const store = openStore(proxy)
    await Promise.all(Array.from({ length: 8 }, () => store.put(freshAddress(), bytes('x'))))
    const probes = proxy.seen.filter(
      ({ path, query }) => path.includes('/.modelry/probe/') && query.has('uploads'),
    )
    expect(probes).toHaveLength(1)
  })

  it('that was away when it was asked is asked again', async () => {
    const proxy = await httpProxy(server)
    proxy.rule(() => ({ answer: s3Error(500, 'InternalError') }))
    const store = openStore(proxy, { retry: { attempts: 1 } })
    expect(await failureOf(store.put(freshAddress(), bytes('x')))).toMatchObject({ reason: 'store-fault' })
    proxy.rule(() => undefined)
    await store.put(freshAddress(), bytes('x'))
  })
})
