import { createHash } from 'node:crypto'
import { GetObjectTaggingCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { expect, it, vi } from 'vitest'
import { AWS_CAPABILITIES } from '../../src/adapters/artifacts/s3/capabilities.js'
import { parseS3Address, splitS3Address } from '../../src/domain/s3-address.js'
import { collect, failureOf, patterned } from '../../src/ports/testing/contract-bytes.js'
import { served } from '../../src/server/testing/served.js'
import { fromParts } from '../../src/sources/from-parts.js'
import { eventually } from '../support/eventually.js'
import { adminClient } from '../support/s3/admin-client.js'
import { directServer, freshMetadata, watchedClient } from '../support/s3/direct-server.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { firstTimes, s3Error } from '../support/s3/http-fault-proxy.js'
import { httpProxy, tcpProxy } from '../support/s3/proxies.js'

import { ADMIN, BUCKET, REGION } from '../support/s3/s3-server.js'

const MIB = 1024 ** 2

const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const isPart = ({ method, query }: { method: string; query: URLSearchParams }) =>
  method === 'PUT' && query.has('partNumber')

async function send(url: string, path: string, json: unknown) {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(json),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}

/** A save of one file, begun by hand. */
async function begun(url: string, file: { size: number; sha256?: string }) {
  const metadata = freshMetadata()
  const { body: save } = await send(url, '/api/saves', { metadata, files: ['w.bin'] })
  const path = `/api/saves/${save.saveId}/uploads`
  const { body: upload } = await send(url, path, { path: 'w.bin', ...file })
  return { metadata, save, upload, path, address: parseS3Address(save.s3Path) }
}

/** Sends bytes as the parts of an upload, and gives what is to be said of them. */
async function sendParts(
  url: string,
  path: string,
  { uploadId, partBytes }: { uploadId: string; partBytes: number },
  bytes: Uint8Array,
) {
  const sent = []
  for (let number = 1; (number - 1) * partBytes < bytes.length; number++) {
    const body = Buffer.from(bytes.subarray((number - 1) * partBytes, number * partBytes))
    const { crc32 } = await import('../../src/client/crc32.js')
    const digest = crc32(body)
    const parts = [{ number, size: body.length, crc32: digest }]
    const signed = await send(url, `${path}/parts`, { path: 'w.bin', uploadId, parts })
    const [request] = signed.body.items
    const put = await fetch(request.url, { method: 'PUT', headers: request.headers, body })
    sent.push({ number, etag: put.headers.get('etag') ?? '', crc32: digest })
  }
  return sent
}

describeEachServer('Direct transfer', (server) => {
  it.each([
    ['in one request', 2 * MIB + 77, 1],
    ['in parts', 17 * MIB + 77, 4],
  ])('sends a file to the store %s, and none of it through the server', async (_how, size, requests) => {
    const { url, log } = await directServer(server)
    const { client, throughServer, toStore } = watchedClient(url)
    const bytes = patterned(size)
    const progress: number[] = []
    const metadata = freshMetadata()
    const saved = await client.saveModel(bytes, metadata, { onProgress: (p) => progress.push(p.bytes) })
    expect(saved.files[0]).toMatchObject({ size, sha256: sha256Of(bytes) })
    expect([throughServer(), toStore()]).toEqual([0, requests])
    expect(progress.at(-1)).toBe(size)
    const loaded = await (await client.loadModel(metadata.modelId, '1.0.0')).bytes()
    expect(Buffer.compare(loaded, bytes)).toBe(0)
    expect(log.join()).not.toMatch(/X-Amz-Signature=(?!\*)/)
  })

  it('reads from the store, whole and in ranges', async () => {
    const { url } = await directServer(server)
    const bytes = patterned(3 * MIB)
    const metadata = freshMetadata()
    await watchedClient(url).client.saveModel(bytes, metadata)
    const answered: string[] = []
    const { client } = watchedClient(url, {
      fetch: async (input, init) => {
        const response = await fetch(input, init)
        answered.push(new URL(response.url).origin === url ? 'server' : 'store')
        return response
      },
    })
    const model = await client.loadModel(metadata.modelId, '1.0.0')
    expect(Buffer.compare(await model.bytes(), bytes)).toBe(0)
    const range = { start: 1_000, end: 2_000 }
    const piece = await new Response(model.stream(undefined, { range })).arrayBuffer()
    expect(Buffer.compare(Buffer.from(piece), bytes.subarray(1_000, 2_000))).toBe(0)
    expect(answered).toEqual(['server', 'store', 'store'])
  })

  it('takes a reading from the store up again where it broke', async () => {
    const proxy = await tcpProxy(server)
    const { url } = await directServer(proxy)
    const bytes = patterned(3 * MIB)
    const metadata = freshMetadata()
    const { client, asked } = watchedClient(url, { fetch: withoutKeptConnections })
    await client.saveModel(bytes, metadata)
    const model = await client.loadModel(metadata.modelId, '1.0.0')
    await proxy.inject({ is: 'reset', direction: 'to-client', afterBytes: 1_000_000 }, 1)
    asked.length = 0
    expect(Buffer.compare(await model.bytes(), bytes)).toBe(0)
    expect(asked).toHaveLength(2)
  })

  it('finds out when the store has other bytes than were saved, or none', async () => {
    const { url, artifacts } = await directServer(server)
    const { client } = watchedClient(url)
    const metadata = freshMetadata()
    const saved = await client.saveModel(patterned(2 * MIB), metadata)
    const address = parseS3Address(saved.s3Path)
    const { bucket: Bucket, key: Key } = splitS3Address(address)
    const admin = adminClient(server)
    const Body = Buffer.from(patterned(2 * MIB)).fill(0, 5, 6)
    await admin.send(new PutObjectCommand({ Bucket, Key, Body }))
    const read = async () => (await client.loadModel(metadata.modelId, '1.0.0')).bytes()
    expect(await failureOf(read())).toMatchObject({ name: 'S3DownloadError', reason: 'checksum-mismatch' })
    await artifacts.delete(address)
    expect(await failureOf(read())).toMatchObject({ name: 'S3DownloadError', reason: 'object-missing' })
    admin.destroy()
  })

  it.each([
    ['that the store could not take', { answer: s3Error(503, 'SlowDown') }],
    ['whose answer was lost', { lose: true }],
    ['whose signature had expired', { answer: s3Error(403, 'AccessDenied') }],
  ] as const)('sends a part %s once more, and no other', async (_why, verdict) => {
    const proxy = await httpProxy(server)
    const { url } = await directServer(proxy)
    const { client, throughServer, toStore } = watchedClient(url)
    const metadata = freshMetadata()
    await client.saveModel(patterned(2 * MIB), { ...metadata, version: '0.1.0' })
    proxy.rule(firstTimes(1, isPart, verdict))
    const before = toStore()
    await client.saveModel(patterned(17 * MIB), metadata)
    expect([throughServer(), toStore() - before]).toEqual([0, 5])
  })

  it('signs a request anew when the store says that it has expired', async () => {
    const { url } = await directServer(server)
    const bytes = patterned(1 * MIB)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 20 * 60_000 })
    const { path, upload } = await begun(url, { size: bytes.length, sha256: sha256Of(bytes) }).finally(() =>
      vi.useRealTimers(),
    )
    const put = ({ request }: { request: { url: string; headers: Record<string, string> } }) =>
      fetch(request.url, { method: 'PUT', headers: request.headers, body: Buffer.from(bytes) })
    expect((await put(upload)).status).toBe(403)
    const again = await send(url, path, { path: 'w.bin', size: bytes.length, sha256: sha256Of(bytes) })
    expect((await put(again.body)).status).toBe(200)
  })

  it('signs a put for those bytes alone, that cannot overwrite anything', async () => {
    const { url } = await directServer(server)
    const bytes = patterned(1 * MIB)
    const other = Buffer.from(bytes).fill(1, 0, 10)
    const { upload } = await begun(url, { size: bytes.length, sha256: sha256Of(bytes) })
    const { request } = upload
    const put = async (body: Buffer, headers: Record<string, string> = request.headers) =>
      (await fetch(request.url, { method: 'PUT', headers, body: new Uint8Array(body) })).status
    expect(await put(other)).toBe(400)
    const lying = {
      ...request.headers,
      'x-amz-checksum-sha256': createHash('sha256').update(other).digest('base64'),
    }
    expect(await put(other, lying)).toBe(403)
    const { 'if-none-match': _, ...unconditional } = request.headers
    expect(await put(Buffer.from(bytes), unconditional)).toBeGreaterThanOrEqual(400)
    expect(await put(Buffer.from(bytes))).toBe(200)
    expect(await put(Buffer.from(bytes))).toBe(412)
  })

  it('publishes nothing of a client that lies about the bytes', async () => {
    const { url, artifacts } = await directServer(server)
    const bytes = patterned(6 * MIB)
    const { path, upload, save, address } = await begun(url, { size: bytes.length })
    const sent = await sendParts(url, path, upload, bytes)
    const answer = await send(url, `${path}/complete`, {
      ...{ path: 'w.bin', size: bytes.length, sha256: sha256Of(Buffer.from('other')) },
      parts: { uploadId: upload.uploadId, sent },
    })
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'S3_UPLOAD_FAILED', cause: 'checksum-mismatch' },
    })
    expect(await artifacts.stat(address)).toBeUndefined()
    expect((await send(url, `/api/saves/${save.saveId}/publish`, {})).status).toBe(422)
  })

  it('publishes nothing of a client that lies about the length, or has sent nothing', async () => {
    const { url } = await directServer(server)
    const bytes = patterned(1 * MIB)
    const one = await begun(url, { size: bytes.length, sha256: sha256Of(bytes) })
    const claim = (size: number) =>
      send(url, `${one.path}/complete`, { path: 'w.bin', size, sha256: sha256Of(bytes) })
    expect((await claim(bytes.length)).body).toMatchObject({ cause: 'object-missing' })
    const { request } = one.upload
    await fetch(request.url, { method: 'PUT', headers: request.headers, body: Buffer.from(bytes) })
    expect((await claim(bytes.length + 1)).body).toMatchObject({ cause: 'length-mismatch' })
    expect((await send(url, `/api/saves/${one.save.saveId}/publish`, {})).status).toBe(422)
  })

  it('gives the same file when an upload is completed twice', async () => {
    const { url } = await directServer(server)
    const bytes = patterned(6 * MIB)
    const { path, upload } = await begun(url, { size: bytes.length })
    const sent = await sendParts(url, path, upload, bytes)
    const json = {
      ...{ path: 'w.bin', size: bytes.length, sha256: sha256Of(bytes) },
      parts: { uploadId: upload.uploadId, sent },
    }
    const [first, second] = [
      await send(url, `${path}/complete`, json),
      await send(url, `${path}/complete`, json),
    ]
    expect(first.status).toBe(201)
    expect(second).toEqual(first)
  })

  it('keeps what was recorded when another end of the same upload says something else of it at the same time', async () => {
    const { url, artifacts } = await directServer(server)
    for (let n = 0; n < 6; n++) {
      const bytes = patterned(6 * MIB)
      const { path, upload, address, save } = await begun(url, { size: bytes.length })
      const sent = await sendParts(url, path, upload, bytes)
      const parts = { uploadId: upload.uploadId, sent }
      const end = (sha256: string) =>
        send(url, `${path}/complete`, { path: 'w.bin', size: bytes.length, sha256, parts })
      const ends = [end(sha256Of(bytes)), end(sha256Of(patterned(10)))]
      await Promise.all(n % 2 === 0 ? ends : ends.reverse())
      const published = await send(url, `/api/saves/${save.saveId}/publish`, {})
      if (published.status < 300) expect(await artifacts.stat(address)).toMatchObject({ size: bytes.length })
    }
  })

  it('marks what it uploads in parts, so that whoever goes on with it knows the object for its own', async () => {
    const { url } = await directServer(server)
    const bytes = patterned(6 * MIB)
    const { path, upload, address } = await begun(url, { size: bytes.length })
    const sent = await sendParts(url, path, upload, bytes)
    const json = { path: 'w.bin', size: bytes.length, sha256: sha256Of(bytes) }
    await send(url, `${path}/complete`, { ...json, parts: { uploadId: upload.uploadId, sent } })
    const s3 = adminClient(server)
    const { bucket: Bucket, key: Key } = splitS3Address(address)
    const { Metadata } = await s3.send(new HeadObjectCommand({ Bucket, Key }))
    s3.destroy()
    expect(Metadata).toMatchObject({ 'modelry-put': 'shared' })
  })

  it('ends the upload of a client that went away when the lease of its save has ended', async () => {
    const { url, artifacts } = await directServer(server, { saveLeaseMs: 400 })
    const { upload, address } = await begun(url, { size: 6 * MIB })
    expect(upload.is).toBe('parts')
    const open = () => collect(artifacts.listUnfinished(address))
    expect(await open()).toHaveLength(1)
    await eventually(async () => expect(await open()).toEqual([]))
  })

  it('leaves nothing of a save that is ended by its caller', async () => {
    const { url, artifacts, engine } = await directServer(server)
    const ending = new AbortController()
    const { client, toStore } = watchedClient(url)
    const metadata = freshMetadata()
    const error = await failureOf(
      client.saveModel(patterned(22 * MIB), metadata, {
        signal: ending.signal,
        onProgress: ({ bytes }) => bytes > 9 * MIB && ending.abort(),
      }),
    )
    expect(error).toMatchObject({
      name: 'S3UploadError',
      reason: 'aborted',
      outcome: 'not-applied',
      leftovers: [],
    })
    expect(toStore()).toBeGreaterThan(0)
    const prefix = parseS3Address(`s3://modelry-tests/${metadata.modelId}`)
    expect(await collect(artifacts.listUnfinished(prefix))).toEqual([])
    expect(await collect(artifacts.list(prefix))).toEqual([])
    expect(await engine.registry.getModel(metadata.modelId, '1.0.0')).toBeNull()
    await client.saveModel(patterned(1_000), metadata)
  })

  it.each([
    ['in one request', 2 * MIB],
    ['in parts', 9 * MIB],
  ])(
    'goes through the server, and asks only once, when the client cannot reach the store: %s',
    async (_how, size) => {
      const { url, artifacts } = await directServer(server)
      const { client, throughServer, toStore } = watchedClient(url, { fetch: onlyTo(url) })
      const metadata = freshMetadata()
      const bytes = patterned(size)
      async function* once() {
        for (let at = 0; at < size; at += 100_000) yield bytes.subarray(at, at + 100_000)
      }
      const saved = await client.saveModel(fromParts({ a: bytes, b: once() }), metadata)
      expect(saved.files.map(({ sha256 }) => sha256)).toEqual([sha256Of(bytes), sha256Of(bytes)])
      expect([throughServer(), toStore()]).toEqual([2, 1])
      const loaded = await (await client.loadModel(metadata.modelId, '1.0.0')).bytes('a')
      expect(Buffer.compare(loaded, bytes)).toBe(0)
      const prefix = parseS3Address(`s3://modelry-tests/${metadata.modelId}`)
      expect(await collect(artifacts.listUnfinished(prefix))).toEqual([])
    },
  )

  it('goes through the server from then on where the store refuses what the server has signed', async () => {
    const proxy = await httpProxy(server)
    proxy.rule(({ query }) =>
      query.has('X-Amz-Signature') ? { answer: s3Error(403, 'RequestTimeTooSkewed') } : undefined,
    )
    const { url } = await directServer(proxy)
    const { client, throughServer, toStore } = watchedClient(url)
    await client.saveModel(patterned(2 * MIB), freshMetadata())
    expect([throughServer(), toStore()]).toEqual([1, 3])
    await client.saveModel(patterned(9 * MIB), freshMetadata())
    expect([throughServer(), toStore()]).toEqual([2, 3])
  })

  it('says that both ways failed only when both did', async () => {
    const proxy = await httpProxy(server)
    const { url } = await directServer(proxy)
    const { client } = watchedClient(url, { fetch: onlyTo(url) })
    proxy.rule(({ method }) => (method === 'PUT' ? { answer: s3Error(403, 'AccessDenied') } : undefined))
    const error = await client.saveModel(patterned(2 * MIB), freshMetadata()).catch((e) => e)
    expect(error).toMatchObject({ name: 'S3UploadError', reason: { id: 'access-denied' } })
    expect(error).toMatchObject({
      message: expect.stringMatching(
        /Before that, it was tried to send it directly to the store: 127.0.0.1:\d+ could not be reached\.$/,
      ),
    })
  })

  it.each([
    ['in one request', 2 * MIB],
    ['in parts', 9 * MIB],
  ])('writes objects as the store is configured to: %s', async (_how, size) => {
    const store = { encryption: { is: 'sse-s3' }, tags: { team: 'ml' } } as const
    const { url, artifacts } = await directServer(server, { store })
    const { client, throughServer } = watchedClient(url)
    const saved = await client.saveModel(patterned(size), freshMetadata())
    const [file] = saved.files
    const { bucket: Bucket, key: Key } = splitS3Address(parseS3Address(file?.address ?? ''))
    const admin = adminClient(server)
    const { TagSet } = await admin.send(new GetObjectTaggingCommand({ Bucket, Key }))
    expect(TagSet).toEqual([{ Key: 'team', Value: 'ml' }])
    expect(throughServer()).toBe(0)
    expect(await artifacts.stat(parseS3Address(saved.s3Path))).toMatchObject({ size })
    admin.destroy()
  })

  it('sends in parts what a store could overwrite, or what it would not compare, in one request', async () => {
    const parts = { is: 'parts', checksum: 'crc32' }
    const careless = { capabilities: { ...AWS_CAPABILITIES, conditionalPut: false } }
    const one = await directServer(server, { store: careless })
    const file = { size: 2 * MIB, sha256: sha256Of(patterned(2 * MIB)) }
    expect((await begun(one.url, file)).upload).toMatchObject(parts)

    const proxy = await httpProxy(server)
    proxy.rule(({ method, path }) =>
      method === 'PUT' && path.includes('/.modelry/probe/') ? { answer: { status: 200 } } : undefined,
    )
    const other = await directServer(proxy)
    expect((await begun(other.url, file)).upload).toMatchObject(parts)
    const { client, throughServer } = watchedClient(other.url)
    const saved = await client.saveModel(patterned(2 * MIB), freshMetadata())
    expect(saved.files[0]?.sha256).toBe(file.sha256)
    expect(throughServer()).toBe(0)
  })

  it('goes through the server where the store knows neither parts nor conditions', async () => {
    const poor = { ...AWS_CAPABILITIES, conditionalPut: false, multipart: false }
    const { url } = await directServer(server, { store: { capabilities: poor } })
    const { client, throughServer, toStore } = watchedClient(url)
    await client.saveModel(patterned(2 * MIB), freshMetadata())
    expect([throughServer(), toStore()]).toEqual([1, 0])
  })

  it('takes a source that gives more or less than it said for what it is', async () => {
    const { url } = await directServer(server)
    const { client } = watchedClient(url)
    const claiming = new Blob([new Uint8Array(9 * MIB)])
    Object.defineProperty(claiming, 'size', { value: 10 * MIB })
    const error = await failureOf(client.saveModel(claiming, freshMetadata()))
    expect(error).toMatchObject({ name: 'S3UploadError', outcome: 'not-applied' })
  })

  it('passes the breaker of a server that is configured as for real', async () => {
    const store = {
      ...{ bucket: BUCKET, endpoint: server.endpoint, region: REGION, forcePathStyle: true },
      credentials: () => Promise.resolve(ADMIN),
    }
    const { url } = await served({}, { store })
    const { client, throughServer, toStore } = watchedClient(url)
    const metadata = freshMetadata()
    const bytes = patterned(9 * MIB)
    await client.saveModel(bytes, metadata)
    expect([throughServer(), toStore()]).toEqual([0, 1])
    const loaded = await (await client.loadModel(metadata.modelId, '1.0.0')).bytes()
    expect(Buffer.compare(loaded, bytes)).toBe(0)
  })

  it('goes through the server when it is told to', async () => {
    const { url } = await directServer(server)
    const { client, throughServer, toStore } = watchedClient(url, { transfer: 'server' })
    await client.saveModel(patterned(2 * MIB), freshMetadata())
    expect([throughServer(), toStore()]).toEqual([1, 0])
  })
})

/** A fault of the proxy holds for the connections that begin after it. */
const withoutKeptConnections: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers)
  headers.set('connection', 'close')
  return fetch(input, { ...init, headers })
}

/** A network in which the server is all that can be reached. */
function onlyTo(url: string): typeof fetch {
  return async (input, init) => {
    if (!String(input).startsWith(url)) throw new TypeError('fetch failed')
    const response = await fetch(input, { ...init, redirect: 'manual' })
    if (response.status === 307) throw new TypeError('fetch failed')
    return response
  }
}
