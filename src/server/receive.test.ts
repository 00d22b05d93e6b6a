import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { portOf } from '../../test/support/s3/free-ports.js'
import { receive, receiveWhole } from './receive.js'

const LIMITS = { maxBytes: 10, withinMs: 10_000 }

/** A request whose header and first bytes are there, and who sends it. */
async function begun(header: string, body: string): Promise<{ request: IncomingMessage; caller: Socket }> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const caller = connect(portOf(server), '127.0.0.1')
  onTestFinished(() => {
    caller.destroy()
    server.close()
    server.closeAllConnections()
  })
  const arrived = once(server, 'request')
  caller.write(`POST / HTTP/1.1\r\nHost: localhost\r\n${header}\r\n\r\n${body}`)
  const [request] = await arrived
  return { request, caller }
}

describe.each([
  [
    'piece by piece',
    async (request: IncomingMessage, limits: typeof LIMITS) => {
      const pieces: Uint8Array[] = []
      for await (const piece of receive(request, limits)) pieces.push(piece)
      return pieces
    },
  ],
  ['whole', receiveWhole],
] as const)('a body that is received %s', (_, received) => {
  const text = async (request: IncomingMessage) => Buffer.concat(await received(request, LIMITS)).toString()

  it('arrives, announced or not', async () => {
    const announced = await begun('Content-Length: 6', 'abcdef')
    expect(await text(announced.request)).toBe('abcdef')
    const { request, caller } = await begun('Transfer-Encoding: chunked', '3\r\nabc\r\n')
    const whole = text(request)
    caller.write('3\r\ndef\r\n0\r\n\r\n')
    expect(await whole).toBe('abcdef')
  })

  it('is refused when it is too long, announced or not', async () => {
    for (const [header, body] of [
      ['Content-Length: 11', ''],
      ['Transfer-Encoding: chunked', 'b\r\nabcdefghijk\r\n'],
    ] as const)
      await expect(text((await begun(header, body)).request)).rejects.toMatchObject({
        reason: { id: 'body-too-large' },
      })
  })

  it('is refused when it does not arrive in time', async () => {
    const { request } = await begun('Content-Length: 6', 'abc')
    await expect(received(request, { ...LIMITS, withinMs: 1 })).rejects.toMatchObject({
      reason: { id: 'malformed-request' },
    })
  })

  it('ends with an error when the caller goes away in the middle', async () => {
    const { request, caller } = await begun('Content-Length: 6', 'abc')
    const whole = text(request)
    caller.destroy()
    await expect(whole).rejects.toThrow(/aborted|broke/)
  })

  it('ends with an error when the caller was gone before it was asked for', async () => {
    const { request, caller } = await begun('Content-Length: 6', 'abc')
    const closed = new Promise((resolve) => request.on('error', () => {}).once('close', resolve))
    caller.destroy()
    await closed
    await expect(text(request)).rejects.toThrow(/aborted|broke|[Pp]remature/)
  })
})
