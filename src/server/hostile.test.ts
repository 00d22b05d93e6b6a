import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { metadata, saved } from './testing/saved.js'
import { send } from './testing/send.js'
import { type Served, served } from './testing/served.js'

const post = (url: string, body: string | Uint8Array, path = '/api/saves') =>
  send(url, path, { method: 'POST', body, headers: { 'content-type': 'application/json' } })

async function nothingWritten({ engine, artifacts }: Served): Promise<void> {
  expect(await engine.registry.listModels()).toHaveLength(0)
  expect(await engine.registry.listHistory()).toHaveLength(0)
  const left = await readdir(artifacts, { recursive: true }).catch(() => [])
  expect(left.filter((name) => !name.startsWith('.incoming'))).toEqual([])
}

describe('names that try to get out', () => {
  it.each([
    '..%2f..%2fetc%2fpasswd',
    '%2e%2e%2fup',
    '%2e%2e',
    'a%00b',
    'a%5cb',
    '..%5c..%5cwindows',
    'a%2fb%2fc',
    '%ef%bc%8e%ef%bc%8e%ef%bc%8fx',
    '%252e%252e%252fup',
    'ns%252Fname',
    '%20',
    '',
    'a%0d%0aX-Injected:%201',
    'x'.repeat(300),
  ])('refuses the model id %s', async (modelId) => {
    const server = await served()
    for (const path of [`/api/models/${modelId}/versions/1.0.0`, `/api/models/${modelId}/versions`]) {
      const answer = await send(server.url, path)
      expect(answer.status).toBe(422)
      expect(answer.headers['content-type']).toContain('application/problem+json')
      expect(answer.headers['x-injected']).toBeUndefined()
      expect(answer.json().context.validationErrors[0].path).toBe('modelId')
    }
    const alias = `/api/models/${modelId}/aliases/best`
    expect((await send(server.url, alias, { method: 'PUT', json: { version: '1.0.0' } })).status).toBe(422)
    await nothingWritten(server)
  })

  it.each(['%c0%ae%c0%ae%2fup', '%e0%80%ae', '%ff', '%', '%zz', 'a%c3'])(
    'refuses %s, which is no UTF-8',
    async (name) => {
      const server = await served()
      for (const path of [
        `/api/models/${name}/versions/1.0.0`,
        `/api/models/a/versions/1.0.0/files/${name}`,
      ]) {
        const answer = await send(server.url, path)
        expect(answer.status).toBe(400)
        expect(answer.json()).toMatchObject({ code: 'MODEL_VALIDATION_FAILED', cause: 'malformed-request' })
      }
    },
  )

  it.each([
    '../../../../etc/passwd',
    '..%2f..%2f..%2fetc%2fpasswd',
    '%2e%2e/%2e%2e/registry.db',
    '.%00/x',
    '..\\..\\x',
  ])('gives no file outside the version for %s', async (path) => {
    const { url } = await served()
    await saved(url)
    const answer = await send(url, `/api/models/btc-lstm/versions/1.0.0/files/${path}`)
    expect([400, 404, 422]).toContain(answer.status)
    expect(answer.body).not.toContain('root:')
    expect(answer.headers['content-type']).toContain('problem+json')
  })

  it.each(['..', '.', '1.0.0%2f..', 'v1', '%00', 'latest%2f', '*'])(
    'refuses the version %s',
    async (version) => {
      const { url } = await served()
      await saved(url)
      const answer = await send(url, `/api/models/btc-lstm/versions/${version}/archive`, { method: 'POST' })
      expect(answer.status).toBe(422)
    },
  )
})

describe('bodies that are not what they should be', () => {
  it('refuses 5 MB where 64 KB are allowed, and the caller gets to read why', async () => {
    const server = await served()
    const body = JSON.stringify({
      metadata: { ...metadata, description: 'x'.repeat(5_000_000) },
      files: ['a'],
    })
    const begin = await post(server.url, body)
    expect([413, 422]).toContain(begin.status)
    expect(begin.json().code).toBe('MODEL_VALIDATION_FAILED')
    const other = await post(server.url, body, '/api/models/btc-lstm/deployments')
    expect(other.status).toBe(413)
    expect(other.json()).toMatchObject({ cause: 'body-too-large', context: { expected: 65_536 } })
    await nothingWritten(server)
  })

  it('counts the bytes of a body that does not say how long it is', async () => {
    const { url } = await served()
    const answer = await send(url, '/api/models/btc-lstm/deployments', {
      method: 'POST',
      body: Buffer.alloc(5_000_000, 0x20),
      headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
    })
    expect(answer.status).toBe(413)
  })

  it('lets a caller that reads only after it has sent everything read why it was refused', async () => {
    const { url } = await served({ maxFileBytes: 1_000 })
    const length = 30_000_000
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const head = `PUT /api/saves/x/files/w.bin HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n`
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.write(head)
      socket.write(Buffer.alloc(length), (error) => (error ? reject(error) : resolve()))
    })
    socket.end()
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 (?:413|409) /)
  })

  it.each([
    ['cut JSON', '{"metadata":'],
    ['a name twice', '{"files":["a"],"files":["b"],"metadata":{}}'],
    ['a name twice in the metadata', '{"files":["a"],"metadata":{"tags":{"a":"1","a":"2"}}}'],
    ['__proto__', '{"files":["a"],"metadata":{"tags":{"__proto__":"x"}}}'],
    ['a deep tree', `{"files":["a"],"metadata":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
  ])('refuses %s', async (_what, body) => {
    const server = await served()
    const answer = await post(server.url, body)
    expect(answer.status).toBe(400)
    expect(answer.json()).toMatchObject({ code: 'MODEL_VALIDATION_FAILED', cause: 'malformed-request' })
    await nothingWritten(server)
  })

  it.each([
    ['null', 'null'],
    ['an array', '[]'],
    ['text', '"x"'],
    ['nothing', ''],
    ['no files', JSON.stringify({ metadata, files: [] })],
    ['files that are none', JSON.stringify({ metadata, files: [1] })],
    ['a file twice', JSON.stringify({ metadata, files: ['a', 'A'] })],
    ['something more', JSON.stringify({ metadata, files: ['a'], admin: true })],
    ['no metadata', JSON.stringify({ files: ['a'] })],
  ])('refuses %s', async (_what, body) => {
    const server = await served()
    const answer = await post(server.url, body)
    expect(answer.status).toBe(422)
    expect(answer.json().code).toBe('MODEL_VALIDATION_FAILED')
    await nothingWritten(server)
  })

  it('answers random bytes with a problem, whatever they are', async () => {
    const { url } = await served()
    for (let round = 0; round < 20; round++) {
      const answer = await post(url, randomBytes(200))
      expect(answer.status).toBe(400)
    }
  })

  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nHost: localhost\r\n${'X: y\r\n'.repeat(20_000)}\r\n`, 431],
    [
      'two lengths',
      'POST /api/saves HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
      400,
    ],
    [
      'a length and chunks',
      'POST /api/saves HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
  ])('answers %s with %s', async (_what, bytes, status) => {
    const { url } = await served()
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.end(bytes)
    const answer = await text(socket)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer).toContain('application/problem+json')
  })
})

describe('addresses that are not there', () => {
  it.each([
    ['GET', '/nothing'],
    ['GET', '/api'],
    ['PUT', '/api/models'],
    ['POST', '/api/models/btc-lstm/versions/1.0.0'],
    ['DELETE', '/'],
  ])('answers %s %s with 404 and no code of the registry', async (method, path) => {
    const { url } = await served()
    const answer = await send(url, path, { method })
    expect(answer.status).toBe(404)
    expect(answer.headers['content-type']).toContain('application/problem+json')
    expect(answer.json()).toMatchObject({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      instance: path,
    })
    expect(answer.json().code).toBeUndefined()
  })
})
