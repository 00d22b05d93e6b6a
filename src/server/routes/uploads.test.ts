import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../../test/support/eventually.js'
import { digestField } from '../../wire/digest-fields.js'
import { metadata } from '../testing/saved.js'
import { type Sent, send } from '../testing/send.js'
import { type Served, served } from '../testing/served.js'

async function begun(server: Served, files = ['w.bin']): Promise<string> {
  const answer = await send(server.url, '/api/saves', { method: 'POST', json: { metadata, files } })
  return answer.json().saveId
}

async function findings({ engine }: Served): Promise<string[]> {
  const found: string[] = []
  for await (const finding of engine.registry.scan()) found.push(finding.is)
  return found
}

const put = (server: Served, saveId: string, sent: Sent, path = 'w.bin') =>
  send(server.url, `/api/saves/${saveId}/files/${path}`, { method: 'PUT', ...sent })

const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex')

describe('PUT a file of a save', () => {
  it('stores the bytes as they are, with their content type', async () => {
    const server = await served()
    const saveId = await begun(server)
    const answer = await put(server, saveId, {
      body: '{"a": 1}',
      headers: { 'content-type': 'application/json' },
    })
    expect(answer.status).toBe(201)
    expect(answer.json()).toMatchObject({
      path: 'w.bin',
      size: 8,
      sha256: sha256Of('{"a": 1}'),
      mediaType: 'application/json',
    })
  })

  it.each(['text', 'text/😀', 'text/plain; charset'])('refuses the content type %j', async (type) => {
    const server = await served()
    const saveId = await begun(server)
    const headers = { 'content-type': Buffer.from(type).toString('latin1') }
    const answer = await put(server, saveId, { body: 'x', headers })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    const stored = { path: 'w.bin', s3Path: 's3://models/x', mediaType: type }
    for (const [path, json] of [
      [`/api/saves/${saveId}/stored`, stored],
      ['/api/models', { metadata: { ...metadata, version: '9.0.0' }, files: [stored] }],
    ] as const) {
      const refused = await send(server.url, path, { method: 'POST', json })
      expect(refused.status).toBe(422)
      expect(refused.json().context.validationErrors[0].allowed).toContain('a media type')
    }
  })

  it('takes an empty file, a chunked body, and what curl calls a form', async () => {
    const server = await served()
    const saveId = await begun(server, ['empty.bin', 'chunked.bin', 'curl.bin'])
    expect((await put(server, saveId, { body: '' }, 'empty.bin')).json().size).toBe(0)
    const chunked = await put(
      server,
      saveId,
      { body: 'abc', headers: { 'transfer-encoding': 'chunked' } },
      'chunked.bin',
    )
    expect(chunked.json().size).toBe(3)
    const form = { body: 'abc', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
    expect((await put(server, saveId, form, 'curl.bin')).json().mediaType).toBe('application/octet-stream')
  })

  it.each(['content-digest', 'repr-digest'])('keeps what matches its %s and nothing else', async (name) => {
    const server = await served()
    const saveId = await begun(server)
    const refused = await put(server, saveId, {
      body: 'abd',
      headers: { [name]: digestField(sha256Of('abc')) },
    })
    expect(refused.status).toBe(422)
    expect(refused.json()).toMatchObject({
      code: 'S3_UPLOAD_FAILED',
      cause: 'checksum-mismatch',
      outcome: 'not-applied',
    })
    expect(await findings(server)).toEqual(['unfinished-save'])
    const taken = await put(server, saveId, {
      body: 'abc',
      headers: { [name]: digestField(sha256Of('abc')) },
    })
    expect(taken.status).toBe(201)
  })

  it.each([
    ['a digest that is none', { 'content-digest': 'sha-256=:abc:' }, 400],
    [
      'two digests that differ',
      { 'content-digest': digestField(sha256Of('a')), 'repr-digest': digestField(sha256Of('b')) },
      400,
    ],
    ['a part of a file', { 'content-range': 'bytes 0-2/10' }, 400],
    ['a coded body', { 'content-encoding': 'gzip' }, 415],
    ['a form with parts', { 'content-type': 'multipart/form-data; boundary=x' }, 415],
  ])('refuses %s', async (_what, headers, status) => {
    const server = await served()
    const saveId = await begun(server)
    const answer = await put(server, saveId, { body: 'abc', headers })
    expect(answer.status).toBe(status)
    expect(answer.json().code).toBe('MODEL_VALIDATION_FAILED')
  })

  it('refuses a body that announces more than the limit, before it reads it', async () => {
    const server = await served({ maxFileBytes: 1_000 })
    const saveId = await begun(server)
    const answer = await put(server, saveId, { body: Buffer.alloc(1_001) })
    expect(answer.status).toBe(413)
    expect(answer.json()).toMatchObject({ code: 'MODEL_VALIDATION_FAILED', cause: 'body-too-large' })
  })

  it('refuses a chunked body that grows past the limit, and keeps nothing of it', async () => {
    const server = await served({ maxFileBytes: 100_000 })
    const saveId = await begun(server)
    const headers = { 'transfer-encoding': 'chunked' }
    const answer = await put(server, saveId, { body: Buffer.alloc(3_000_000), headers })
    expect(answer.status).toBe(413)
    expect(answer.json().cause).toBe('body-too-large')
    expect(await findings(server)).toEqual(['unfinished-save'])
    expect((await put(server, saveId, { body: 'small' })).status).toBe(201)
  })

  it('keeps nothing of a body that ends before its announced length', async () => {
    const server = await served()
    const saveId = await begun(server)
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    const head = `PUT /api/saves/${saveId}/files/w.bin HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n`
    socket.write(head + 'x'.repeat(200_000))
    await eventually(async () => expect(await findings(server)).toContain('unfinished-upload'))
    socket.destroy()
    await eventually(async () => expect(await findings(server)).toEqual(['unfinished-save']))
    expect((await put(server, saveId, { body: 'again' })).status).toBe(201)
  })

  it('ends a body that stops coming', async () => {
    const server = await served({ idleMs: 100 })
    const saveId = await begun(server)
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    const ended = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => {})
    socket.resume()
    socket.write(
      `PUT /api/saves/${saveId}/files/w.bin HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc`,
    )
    await ended
    await eventually(async () => expect(await findings(server)).toEqual(['unfinished-save']))
  })

  it.each([
    ['..%2f..%2fetc%2fpasswd'],
    ['%2fetc%2fpasswd'],
    ['a%00b'],
    ['a%5c..%5cb'],
    ['con'],
    ['a//b'],
    ['%e2%80%a4%e2%80%a4%2fb'],
    [`${'x'.repeat(300)}`],
    ['a%2f%2e%2e%2fb'],
  ])('refuses the path %s', async (path) => {
    const server = await served()
    const saveId = await begun(server)
    const answer = await put(server, saveId, { body: 'x' }, path)
    expect(answer.status).toBe(422)
    expect(answer.json()).toMatchObject({
      code: 'MODEL_VALIDATION_FAILED',
      context: { validationErrors: [{ path: 'file' }] },
    })
    expect(await findings(server)).toEqual(['unfinished-save'])
  })

  it('says that a save is not there', async () => {
    const server = await served()
    const answer = await put(server, 'nobody', { body: 'x' })
    expect(answer.status).toBe(409)
    expect(answer.json()).toMatchObject({ code: 'S3_UPLOAD_FAILED', cause: 'lease-lost' })
  })
})
