import { expect, it } from 'vitest'
import { AWS_CAPABILITIES } from '../../src/adapters/artifacts/s3/capabilities.js'
import { type S3Address, splitS3Address } from '../../src/domain/s3-address.js'
import {
  bytes,
  collect,
  failureOf,
  inPieces,
  patterned,
  readAll,
  sha256Of,
} from '../../src/ports/testing/contract-bytes.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { freshAddress } from '../support/s3/fresh-address.js'
import { firstTimes, type SeenRequest, s3Error } from '../support/s3/http-fault-proxy.js'
import { openStore } from '../support/s3/open-store.js'
import { httpProxy, tcpProxy } from '../support/s3/proxies.js'

const MIB = 1024 ** 2
const known = { capabilities: AWS_CAPABILITIES } as const

/** 12 MiB, which is two parts of 5 MiB and one of 2. */
const large = patterned(12 * MIB)
const inParts = { ...known, transfer: { partBytes: 5 * MIB, threshold: 5 * MIB, parallelParts: 2 } } as const

const isPut = ({ method, query }: SeenRequest) => method === 'PUT' && !query.has('partNumber')
const isPart = ({ method, query }: SeenRequest) => method === 'PUT' && query.has('partNumber')
const isComplete = ({ method, query }: SeenRequest) =>
  method === 'POST' && query.has('uploadId') && !query.has('uploads')

describeEachServer('An upload', (server) => {
  const read = async (address: S3Address) => readAll(await openStore(server).open(address))

  const openUploads = async (address: S3Address) =>
    (await collect(openStore(server).listUnfinished()))
      .map(({ at }) => at)
      .filter((at) => at.startsWith(address))

  it('succeeds where its answer is lost and the second attempt is told that the address is taken', async () => {
    const proxy = await httpProxy(server)
    const address = freshAddress()
    proxy.rule(firstTimes(1, isPut, { lose: true }))
    const stored = await openStore(proxy, known).put(address, bytes('weights'))
    expect(stored).toMatchObject({ size: 7, sha256: sha256Of(Buffer.from('weights')) })
    expect(proxy.seen.filter(isPut)).toHaveLength(2)
    expect(Buffer.from(await read(address)).toString()).toBe('weights')
  })

  it('succeeds where every answer to it is lost', async () => {
    const proxy = await httpProxy(server)
    const address = freshAddress()
    proxy.rule(firstTimes(9, isPut, { lose: true }))
    await openStore(proxy, known).put(address, bytes('weights'))
    expect(Buffer.from(await read(address)).toString()).toBe('weights')
  })

  it('is refused where its answer is lost and the address was taken before', async () => {
    const proxy = await httpProxy(server)
    const address = freshAddress()
    await openStore(server, known).put(address, bytes('the first'))
    proxy.rule(firstTimes(1, isPut, { lose: true }))
    expect(await failureOf(openStore(proxy, known).put(address, bytes('the second')))).toMatchObject({
      reason: 'object-exists',
      outcome: 'not-applied',
    })
    expect(Buffer.from(await read(address)).toString()).toBe('the first')
  })

  it('in parts succeeds where the answer to its completion is lost', async () => {
    const proxy = await httpProxy(server)
    const address = freshAddress()
    proxy.rule(firstTimes(1, isComplete, { lose: true }))
    await openStore(proxy, inParts).put(address, inPieces(large, 65_536))
    expect(sha256Of(await read(address))).toBe(sha256Of(large))
    expect(await openUploads(address)).toEqual([])
  })

  it.each([
    ['with a status of its own', s3Error(500, 'InternalError')],
    ['inside of a 200', s3Error(200, 'InternalError')],
  ])('in parts outlives a fault of the store in its completion, %s', async (_, answer) => {
    const proxy = await httpProxy(server)
    const address = freshAddress()
    proxy.rule(firstTimes(2, isComplete, { answer }))
    await openStore(proxy, inParts).put(address, inPieces(large, 65_536))
    expect(sha256Of(await read(address))).toBe(sha256Of(large))
  })

  it('in parts leaves nothing where the store cannot complete it', async () => {
    const proxy = await httpProxy(server)
    const address = freshAddress()
    proxy.rule(firstTimes(99, isComplete, { answer: s3Error(200, 'InternalError') }))
    expect(await failureOf(openStore(proxy, inParts).put(address, inPieces(large, 65_536)))).toMatchObject({
      reason: 'store-fault',
      outcome: 'not-applied',
      leftovers: [],
    })
    expect(await openStore(server).stat(address)).toBeUndefined()
    expect(await openUploads(address)).toEqual([])
  })

  it('sends a part again that was reset in the middle, and the others once', async () => {
    const seeing = await httpProxy(server)
    const proxy = await tcpProxy(seeing)
    const address = freshAddress()
    const store = openStore(proxy, { ...inParts, transfer: { ...inParts.transfer, parallelParts: 1 } })
    // One connection serves one request after another, and only a part has so many bytes.
    await proxy.inject({ is: 'reset', direction: 'to-server', afterBytes: 3 * MIB }, 1)
    await store.put(address, inPieces(large, 65_536))
    expect(sha256Of(await read(address))).toBe(sha256Of(large))
    expect(seeing.seen.filter(isPart).map(({ query }) => query.get('partNumber'))).toEqual([
      '1',
      '1',
      '2',
      '3',
    ])
  })

  it('sends again what was damaged on its way', async () => {
    const proxy = await tcpProxy(server)
    const address = freshAddress()
    await proxy.inject({ is: 'corrupt', direction: 'to-server', atByte: 100_000 }, 1)
    const content = patterned(1_000_000)
    await openStore(proxy, known).put(address, inPieces(content, 65_536))
    expect(sha256Of(await read(address))).toBe(sha256Of(content))
  })

  it('is told as damaged where every attempt is', async () => {
    const proxy = await tcpProxy(server)
    await proxy.inject({ is: 'corrupt', direction: 'to-server', atByte: 100_000 })
    const store = openStore(proxy, { ...known, retry: { attempts: 1 } })
    expect(await failureOf(store.put(freshAddress(), bytes(patterned(1_000_000))))).toMatchObject({
      reason: 'checksum-mismatch',
      outcome: 'not-applied',
    })
  })

  it('ends where the store takes no more bytes, and does not wait for good', async () => {
    const proxy = await tcpProxy(server)
    await proxy.inject({ is: 'stall', direction: 'to-server', afterBytes: 100_000 })
    const store = openStore(proxy, { ...known, timeouts: { idleMs: 300 }, retry: { attempts: 2 } })
    const failure = await failureOf(store.put(freshAddress(), bytes(patterned(4_000_000))))
    expect(failure).toMatchObject({ reason: 'timed-out', outcome: 'unknown' })
    expect(failure.leftovers).toHaveLength(1)
  })

  it('ends where bytes trickle, at the deadline of the request', async () => {
    const proxy = await tcpProxy(server)
    await proxy.inject({ is: 'slow', direction: 'to-server', bytesPerSecond: 100_000 })
    const store = openStore(proxy, { ...known, retry: { deadlineMs: 300, slowestLine: 1e9 } })
    const put = store.put(freshAddress(), bytes(patterned(4_000_000)))
    expect(await failureOf(put)).toMatchObject({ reason: 'timed-out' })
  })

  it('that is ended with parts on their way leaves none of them', async () => {
    const proxy = await tcpProxy(server)
    const address = freshAddress()
    const control = new AbortController()
    await proxy.inject({ is: 'slow', direction: 'to-server', bytesPerSecond: 20_000_000 })
    const put = openStore(proxy, inParts).put(address, inPieces(large, 65_536), {
      signal: control.signal,
      onProgress: (count) => count > 11 * MIB && control.abort(),
    })
    expect(await failureOf(put)).toMatchObject({ reason: 'aborted', outcome: 'not-applied', leftovers: [] })
    expect(await openUploads(address)).toEqual([])
    expect(await openStore(server).stat(address)).toBeUndefined()
  })

  it('that is ended during its last request takes back what came of it', async () => {
    const proxy = await httpProxy(server)
    const address = freshAddress()
    const control = new AbortController()
    proxy.rule((request) => {
      if (!isComplete(request)) return undefined
      // The request goes on to the store; the one who waits for the answer is gone.
      return { rewrite: () => control.abort() }
    })
    const put = openStore(proxy, inParts).put(address, inPieces(large, 65_536), { signal: control.signal })
    expect(await failureOf(put)).toMatchObject({ reason: 'aborted', outcome: 'not-applied' })
    expect(await openStore(server).stat(address)).toBeUndefined()
  })

  it('says that its upload is gone where somebody ended it, and leaves nothing', async () => {
    const proxy = await httpProxy(server)
    const address = freshAddress()
    const store = openStore(proxy, inParts)
    let ended = false
    proxy.rule((request) => {
      if (isComplete(request) && !ended) {
        ended = true
        return { answer: s3Error(404, 'NoSuchUpload') }
      }
      return undefined
    })
    expect(await failureOf(store.put(address, inPieces(large, 65_536)))).toMatchObject({
      reason: 'upload-gone',
      outcome: 'not-applied',
    })
    expect(await openUploads(address)).toEqual([])
  })

  it('names the upload that it could not end', async () => {
    const proxy = await httpProxy(server)
    const address = freshAddress()
    proxy.rule((request) => {
      if (request.method === 'DELETE') return { answer: s3Error(403, 'AccessDenied') }
      return isComplete(request) ? { answer: s3Error(403, 'AccessDenied') } : undefined
    })
    const failure = await failureOf(openStore(proxy, inParts).put(address, inPieces(large, 65_536)))
    expect(failure).toMatchObject({ reason: 'access-denied', outcome: 'not-applied' })
    expect(failure.leftovers.map(({ at }) => at)).toEqual(await openUploads(address))
    proxy.rule(() => undefined)
  })

  it('of more than the limit is refused before a byte of it is taken', async () => {
    const store = openStore(server, { ...known, limits: { single: 1_000, multipart: 2_000 } })
    let taken = 0
    const source = async function* () {
      taken += 1
      yield patterned(2_001)
    }
    const put = store.put(freshAddress(), source(), { expected: { size: 2_001 } })
    expect(await failureOf(put)).toMatchObject({
      reason: 'too-large',
      outcome: 'not-applied',
      context: { actual: 2_001, expected: 2_000 },
    })
    expect(taken).toBe(0)
  })

  it('of unknown length stops at the limit, and leaves nothing', async () => {
    const store = openStore(server, { ...inParts, limits: { single: 5 * MIB, multipart: 8 * MIB } })
    const address = freshAddress()
    expect(await failureOf(store.put(address, inPieces(large, 65_536)))).toMatchObject({
      reason: 'too-large',
      outcome: 'not-applied',
    })
    expect(await openUploads(address)).toEqual([])
    expect(await store.stat(address)).toBeUndefined()
  })

  it('is asked for as often as the policy says, and not more', async () => {
    const proxy = await httpProxy(server)
    proxy.rule(firstTimes(99, isPut, { answer: s3Error(500, 'InternalError') }))
    const store = openStore(proxy, { ...known, retry: { attempts: 4 } })
    const failure = await failureOf(store.put(freshAddress(), bytes('weights')))
    expect(failure).toMatchObject({ reason: 'store-fault', context: { attempts: 4 } })
    expect(proxy.seen.filter(isPut)).toHaveLength(4)
  })

  it('of parts keeps to the memory that is set for them', async () => {
    const proxy = await httpProxy(server)
    let underWay = 0
    let most = 0
    proxy.rule((request) => {
      if (!isPart(request)) return undefined
      underWay += 1
      most = Math.max(most, underWay)
      return {
        rewrite: () => {
          underWay -= 1
        },
      }
    })
    const address = freshAddress()
    const transfer = { partBytes: 5 * MIB, threshold: 5 * MIB, parallelParts: 2 }
    await openStore(proxy, { ...known, transfer }).put(address, inPieces(patterned(26 * MIB), 65_536))
    expect(most).toBe(2)
  })

  it('does not send a key that is empty, whatever it is told', async () => {
    const proxy = await httpProxy(server)
    const store = openStore(proxy, known)
    const { bucket } = splitS3Address(freshAddress())
    const empty = `s3://${bucket}/` as S3Address
    for (const call of [
      () => store.delete(empty),
      () => store.put(empty, bytes('x')),
      () => store.open(empty),
      () => store.stat(empty),
    ])
      expect(await failureOf(call())).toMatchObject({ name: 'InvalidS3PathError' })
    expect(proxy.seen).toEqual([])
  })
})
