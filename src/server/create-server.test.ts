import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import { createServer } from './create-server.js'
import { metadata, saved } from './testing/saved.js'
import { send } from './testing/send.js'
import { served } from './testing/served.js'

describe('listen', () => {
  it('gives an address that can be used at once', async () => {
    const { url } = await served()
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect((await fetch(url)).status).toBe(200)
  })

  it.each(['0.0.0.0', '::'])('refuses %s while there is no token, and says how to go on', async (host) => {
    const { engine } = await served()
    const server = await createServer(engine, { host, port: 0, logLevel: 'silent' })
    onTestFinished(() => server.close())
    const error = await server.listen().catch((e) => e)
    expect(error).toBeInstanceOf(ModelValidationError)
    expect(error.reason.id).toBe('exposed-without-token')
    expect(error.getTroubleshootingGuide()).toContain('modelry token create')
    expect(error.getTroubleshootingGuide()).toContain('--insecure')
  })

  it('listens anywhere once there is a token, and then asks for it', async () => {
    const { engine } = await served()
    await engine.tokens.create('ci', ['read'])
    const server = await createServer(engine, { host: '0.0.0.0', port: 0, logLevel: 'silent' })
    onTestFinished(() => server.close())
    const { url } = await server.listen()
    expect(url).toMatch(/^http:\/\/localhost:\d+$/)
    expect((await fetch(`${url}/api/models`)).status).toBe(401)
  })

  it('listens anywhere when it is told insecure, under any name', async () => {
    const { engine } = await served()
    const server = await createServer(engine, {
      host: '0.0.0.0',
      port: 0,
      insecure: true,
      logLevel: 'silent',
    })
    onTestFinished(() => server.close())
    const { url } = await server.listen()
    expect((await send(url, '/api/models', { headers: { host: 'models.example' } })).status).toBe(200)
  })

  it('says that the port is taken', async () => {
    const { engine, url } = await served()
    const server = await createServer(engine, { port: Number(new URL(url).port), logLevel: 'silent' })
    onTestFinished(() => server.close())
    const error = await server.listen().catch((e) => e)
    expect(error).toBeInstanceOf(ModelValidationError)
    expect(error.message).toContain('taken')
  })
})

describe('close', () => {
  it('lets a transfer that is under way finish, takes no new connection meanwhile, and then ends its own', async () => {
    const { url, server } = await served({ graceMs: 120_000 })
    const begun = await send(url, '/api/saves', { method: 'POST', json: { metadata, files: ['w.bin'] } })
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const answer = text(socket)
    const head = `PUT /api/saves/${begun.json().saveId}/files/w.bin HTTP/1.1\r\nHost: localhost\r\nContent-Length: 13\r\n\r\n`
    socket.write(`${head}first, `)
    await expect.poll(() => socket.bytesWritten).toBeGreaterThan(head.length)
    await send(url, '/healthz')
    const closed = server.close()
    await expect.poll(() => fetch(url).catch(() => 'refused')).toBe('refused')
    socket.write('second')
    // The caller would keep the connection for as long as the server does.
    expect(await answer).toMatch(/^HTTP\/1\.1 201 /)
    await closed
  })

  it('closes connections that are idle at once', async () => {
    const { url, server } = await served({ graceMs: 120_000 })
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(socket, 'data')
    const ended = once(socket, 'close')
    await server.close()
    await ended
  })

  it('ends a transfer that does not finish in time', async () => {
    const { url, server } = await served({ graceMs: 100 })
    const begun = await send(url, '/api/saves', { method: 'POST', json: { metadata, files: ['w.bin'] } })
    const upload = request(`${url}/api/saves/${begun.json().saveId}/files/w.bin`, { method: 'PUT' })
    const failed = once(upload, 'error')
    upload.write('for ever')
    await expect.poll(() => upload.socket?.bytesWritten).toBeGreaterThan(0)
    await send(url, '/healthz')
    await server.close()
    upload.on('response', () => {})
    await failed.catch(() => {})
  })

  it('leaves the registry open', async () => {
    const { url, server, engine } = await served()
    await saved(url)
    await server.close()
    await server.close()
    expect(await engine.registry.listModels()).toHaveLength(1)
  })
})
