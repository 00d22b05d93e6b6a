import { expect, it } from 'vitest'
import { AWS_CAPABILITIES } from '../../src/adapters/artifacts/s3/capabilities.js'
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
import { type SeenRequest, s3Error } from '../support/s3/http-fault-proxy.js'
import { openStore } from '../support/s3/open-store.js'
import { httpProxy, tcpProxy } from '../support/s3/proxies.js'

const known = { capabilities: AWS_CAPABILITIES } as const
const content = patterned(3_000_000)
const isGet = ({ method }: SeenRequest) => method === 'GET'

describeEachServer('A download', (server) => {
  const stored = async () => {
    const address = freshAddress()
    await openStore(server, known).put(address, inPieces(content, 65_536))
    return address
  }

  it.each(['cut', 'reset'] as const)('goes on at the byte where the answer was %s', async (is) => {
    const seeing = await httpProxy(server)
    const proxy = await tcpProxy(seeing)
    const address = await stored()
    await proxy.inject({ is, direction: 'to-client', afterBytes: 1_000_000 }, 2)
    const read = await readAll(await openStore(proxy, known).open(address))
    expect(sha256Of(read)).toBe(sha256Of(content))
    const ranges = seeing.seen.filter(isGet).map(({ headers }) => headers.range)
    expect(ranges).toEqual([
      undefined,
      expect.stringMatching(/^bytes=\d{5,}-2999999$/),
      expect.stringMatching(/^bytes=\d{5,}-2999999$/),
    ])
    expect(ranges[2]).not.toBe(ranges[1])
    expect(seeing.seen.filter(isGet).at(-1)?.headers['if-match']).toBeDefined()
  })

  it('of a range goes on inside of the range', async () => {
    const proxy = await tcpProxy(server)
    const address = await stored()
    await proxy.inject({ is: 'reset', direction: 'to-client', afterBytes: 500_000 }, 1)
    const range = { start: 1_000_000, end: 2_500_000 }
    const read = await readAll(await openStore(proxy, known).open(address, { range }))
    expect(sha256Of(read)).toBe(sha256Of(content.subarray(range.start, range.end)))
  })

  it('goes on where the body stalled', async () => {
    const proxy = await tcpProxy(server)
    const address = await stored()
    await proxy.inject({ is: 'stall', direction: 'to-client', afterBytes: 1_000_000 }, 1)
    const store = openStore(proxy, { ...known, timeouts: { idleMs: 300 } })
    expect(sha256Of(await readAll(await store.open(address)))).toBe(sha256Of(content))
  })

  it('ends with the cause where it breaks again and again without a byte between', async () => {
    const proxy = await tcpProxy(server)
    const address = await stored()
    await proxy.inject({ is: 'reset', direction: 'to-client', afterBytes: 1_000 })
    const store = openStore(proxy, { ...known, retry: { attempts: 3 } })
    const reading = async () => readAll(await store.open(address))
    expect(await failureOf(reading())).toMatchObject({
      name: 'S3DownloadError',
      reason: 'connection-reset',
      context: { s3Path: address },
    })
  })

  it('does not pass bytes of another object off as the rest', async () => {
    const proxy = await httpProxy(server)
    const cutting = await tcpProxy(proxy)
    const address = await stored()
    await cutting.inject({ is: 'cut', direction: 'to-client', afterBytes: 1_000_000 }, 1)
    proxy.rule(({ headers }) => (headers.range ? { answer: s3Error(412, 'PreconditionFailed') } : undefined))
    const reading = async () => readAll(await openStore(cutting, known).open(address))
    expect(await failureOf(reading())).toMatchObject({ name: 'S3DownloadError' })
  })

  it('is not believed where the store answers a range with the whole', async () => {
    const proxy = await httpProxy(server)
    const address = await stored()
    proxy.rule((request) =>
      isGet(request)
        ? {
            rewrite: (headers) => {
              delete headers['content-range']
            },
          }
        : undefined,
    )
    const opening = openStore(proxy, known).open(address, { range: { start: 10 } })
    expect(await failureOf(opening)).toMatchObject({ reason: 'not-implemented' })
  })

  it('that waits for its reader longer than a connection may be idle reads on', async () => {
    const address = await stored()
    const store = openStore(server, { ...known, timeouts: { idleMs: 100 } })
    const pieces: Uint8Array[] = []
    for await (const piece of await store.open(address)) {
      if (pieces.length === 1) await new Promise((resolve) => setTimeout(resolve, 400))
      pieces.push(piece)
    }
    expect(sha256Of(Buffer.concat(pieces))).toBe(sha256Of(content))
  })

  it('is tried again where the store is busy before its first byte', async () => {
    const proxy = await httpProxy(server)
    const address = await stored()
    let left = 2
    proxy.rule((request) => (isGet(request) && left-- > 0 ? { answer: s3Error(503, 'SlowDown') } : undefined))
    expect(sha256Of(await readAll(await openStore(proxy, known).open(address)))).toBe(sha256Of(content))
  })

  it('ends while it waits for the store, when it is ended', async () => {
    const proxy = await tcpProxy(server)
    const address = await stored()
    await proxy.inject({ is: 'stall', direction: 'to-client', afterBytes: 0 })
    const control = new AbortController()
    const opening = failureOf(openStore(proxy, known).open(address, { signal: control.signal }))
    await expect.poll(() => proxy.connections).toBeGreaterThan(0)
    control.abort()
    expect(await opening).toMatchObject({ reason: 'aborted' })
  })

  it('of an empty object needs no byte', async () => {
    const address = freshAddress()
    await openStore(server, known).put(address, bytes())
    expect(await readAll(await openStore(server, known).open(address))).toHaveLength(0)
  })

  it('that was not read lets the process end its store', async () => {
    const address = await stored()
    const store = openStore(server, known)
    const control = new AbortController()
    await store.open(address, { signal: control.signal })
    await store.close()
    control.abort()
  })
})
