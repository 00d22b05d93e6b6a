import { createHash, randomBytes } from 'node:crypto'
import { request as ask, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { S3DownloadError, S3UploadError } from '../errors/index.js'
import { damage } from '../server/testing/damage.js'
import { metadata } from '../server/testing/saved.js'
import { type Served, served } from '../server/testing/served.js'
import { connectRegistry } from './connect-registry.js'

/** A proxy that cuts the body of a download after so many bytes, as often as it is told to. */
async function cutting({ url }: Served, afterBytes: number, times: number) {
  const ranges: (string | undefined)[] = []
  let left = times
  const proxy = createServer((incoming, outgoing) => {
    const isFile = incoming.method === 'GET' && /\/files\/./.test(incoming.url ?? '')
    if (isFile) ranges.push(incoming.headers.range)
    const cut = isFile && left-- > 0
    const upstream = ask(
      `${url}${incoming.url}`,
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        let passed = 0
        answer.on('data', (piece: Buffer) => {
          passed += piece.length
          outgoing.write(piece)
          if (cut && passed >= afterBytes) {
            outgoing.destroy()
            upstream.destroy()
          }
        })
        answer.once('end', () => outgoing.end())
        answer.once('error', () => outgoing.destroy())
      },
    )
    upstream.once('error', () => outgoing.destroy())
    incoming.pipe(upstream)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  const { port }: AddressInfo = Object.assign({ port: 0, family: '', address: '' }, proxy.address())
  return { url: `http://127.0.0.1:${port}`, ranges }
}

describe('reading a file', () => {
  it('takes a body that breaks up again where it broke', async () => {
    const server = await served({ logLevel: 'silent' })
    const bytes = randomBytes(2_000_000)
    await connectRegistry({ url: server.url }).saveModel(new Uint8Array(bytes), metadata)
    const proxy = await cutting(server, 500_000, 2)
    const loaded = await connectRegistry({ url: proxy.url }).loadModel('btc-lstm', '1.0.0')
    expect(Buffer.from(await loaded.bytes()).equals(bytes)).toBe(true)
    expect(proxy.ranges[0]).toBeUndefined()
    expect(proxy.ranges.slice(1).every((range) => /^bytes=\d+-1999999$/.test(range ?? ''))).toBe(true)
  })

  it('gives up when no byte comes any more', async () => {
    const server = await served({ logLevel: 'silent' })
    await connectRegistry({ url: server.url }).saveModel(new Uint8Array(100_000), metadata)
    const proxy = await cutting(server, 0, 100)
    const loaded = await connectRegistry({ url: proxy.url }).loadModel('btc-lstm', '1.0.0')
    const error = await loaded.bytes().catch((e) => e)
    expect(error).toBeInstanceOf(S3DownloadError)
    expect(['server-unreachable', 'checksum-mismatch']).toContain(error.reason.id)
  })

  it('says what is wrong with a file that is damaged in the store', async () => {
    const server = await served({ logLevel: 'silent' })
    const registry = connectRegistry({ url: server.url })
    const { files } = await registry.saveModel(new Uint8Array(randomBytes(1_000_000)), metadata)
    await damage(server.artifacts, files[0]?.address ?? '', 10)
    const loaded = await registry.loadModel('btc-lstm', '1.0.0')
    const error = await loaded.bytes().catch((e) => e)
    expect(error).toBeInstanceOf(S3DownloadError)
    expect(error.reason.id).toBe('checksum-mismatch')
    expect(error.context).toMatchObject({ modelId: 'btc-lstm', version: '1.0.0', expected: files[0]?.sha256 })
  })

  it('notices that the version was deleted and saved anew', async () => {
    const server = await served({ logLevel: 'silent' })
    const registry = connectRegistry({ url: server.url })
    await registry.saveModel('one', metadata)
    const loaded = await registry.loadModel('btc-lstm', '1.0.0')
    await registry.deleteModel('btc-lstm', '1.0.0')
    await registry.saveModel('two', metadata)
    await expect(loaded.text()).rejects.toMatchObject({
      code: 'S3_DOWNLOAD_FAILED',
      reason: { id: 'checksum-mismatch' },
    })
  })

  it('ends on the server when the caller stops reading', async () => {
    const server = await served()
    const registry = connectRegistry({ url: server.url })
    await registry.saveModel(new Uint8Array(randomBytes(5_000_000)), metadata)
    const loaded = await registry.loadModel('btc-lstm', '1.0.0')
    const reader = loaded.stream().getReader()
    await reader.read()
    await reader.cancel()
    await expect.poll(() => server.log.filter((line) => line.includes('/files/')).length).toBeGreaterThan(1)
  })
})

describe('verifying the content', () => {
  it('tells how far the server is, up to the size of the version', async () => {
    const server = await served({ logLevel: 'silent' })
    const registry = connectRegistry({ url: server.url })
    await registry.saveModel(new Uint8Array(randomBytes(3_000_000)), metadata)
    const seen: number[] = []
    const record = await registry.getModel('btc-lstm', '1.0.0', {
      verify: 'content',
      onProgress: ({ bytes, totalBytes }) => {
        expect(totalBytes).toBe(3_000_000)
        seen.push(bytes)
      },
    })
    expect(record?.version).toBe('1.0.0')
    expect(seen.at(-1)).toBe(3_000_000)
  })

  it('answers null when there is no such version', async () => {
    const { url } = await served({ logLevel: 'silent' })
    expect(await connectRegistry({ url }).getModel('nobody', 'latest', { verify: 'content' })).toBeNull()
  })
})

describe('sending a file', () => {
  it('sends its length, and bytes that the server cannot have mistaken', async () => {
    const server = await served({ logLevel: 'silent' })
    const seen: (string | undefined)[] = []
    const spying: typeof fetch = (input, init) => {
      if (init?.method === 'PUT') seen.push(new Headers(init.headers).get('content-length') ?? undefined)
      return fetch(input, init)
    }
    const registry = connectRegistry({ url: server.url, fetch: spying })
    const bytes = randomBytes(300_000)
    const record = await registry.saveModel(new Uint8Array(bytes), metadata)
    expect(seen).toEqual(['300000'])
    expect(record.files[0]?.sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
  })

  it('refuses an answer that tells of other bytes, and takes the save back', async () => {
    const server = await served({ logLevel: 'silent' })
    const lying: typeof fetch = async (input, init) => {
      const response = await fetch(input, init)
      if (init?.method !== 'PUT') return response
      return Response.json({ ...(await response.json()), sha256: '0'.repeat(64) }, { status: 201 })
    }
    const error = await connectRegistry({ url: server.url, fetch: lying })
      .saveModel('text', metadata)
      .catch((e) => e)
    expect(error).toBeInstanceOf(S3UploadError)
    expect(error.reason.id).toBe('checksum-mismatch')
    expect(await server.engine.registry.getModel('btc-lstm', '1.0.0')).toBeNull()
    for await (const finding of server.engine.registry.scan()) expect(finding).toBeUndefined()
  })

  it('reads why a file is refused while it is still on its way', async () => {
    const server = await served({ logLevel: 'silent', maxFileBytes: 1_000_000 })
    async function* large() {
      for (let piece = 0; piece < 400; piece++) yield new Uint8Array(65_536)
    }
    const error = await connectRegistry({ url: server.url })
      .saveModel(large(), metadata)
      .catch((e) => e)
    expect(error).toMatchObject({ code: 'MODEL_VALIDATION_FAILED', reason: { id: 'body-too-large' } })
    expect(await server.engine.registry.listModels()).toHaveLength(0)
  })

  it('gathers the bytes first where a request cannot be a stream', async () => {
    const server = await served({ logLevel: 'silent' })
    const bodies: unknown[] = []
    const browser: typeof fetch = (input, init) => {
      if (init?.method === 'PUT') bodies.push(init.body)
      return fetch(input, init)
    }
    const { versions } = process
    Object.defineProperty(process, 'versions', {
      value: { ...versions, node: undefined },
      configurable: true,
    })
    try {
      await connectRegistry({ url: server.url, fetch: browser }).saveModel('text', metadata)
    } finally {
      Object.defineProperty(process, 'versions', { value: versions, configurable: true })
    }
    expect(bodies[0]).toBeInstanceOf(Blob)
  })

  it('says that the server went away in the middle', async () => {
    const server = await served({ logLevel: 'silent', graceMs: 0 })
    async function* until() {
      yield new Uint8Array(100_000)
      await server.server.close()
      yield new Uint8Array(100_000)
    }
    const error = await connectRegistry({ url: server.url })
      .saveModel(until(), metadata)
      .catch((e) => e)
    expect(error).toBeInstanceOf(S3UploadError)
    expect(error.reason.id).toBe('server-unreachable')
    expect(error.leftovers).toMatchObject([{ kind: 'reservation' }])
  })
})
