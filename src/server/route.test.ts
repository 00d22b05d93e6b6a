import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import Fastify, { type FastifyReply } from 'fastify'
import { expect, it, onTestFinished } from 'vitest'
import { sendStream, signalOf } from './route.js'

/** Calls `handle` with the answer to a request whose caller is gone. */
async function goneCaller<T>(handle: (reply: FastifyReply) => T): Promise<T> {
  const app = Fastify()
  onTestFinished(() => app.close())
  const handled = Promise.withResolvers<T>()
  app.get('/', async (_request, reply) => {
    await once(reply.raw, 'close')
    handled.resolve(handle(reply))
    return reply
  })
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  const socket = connect(Number(port), '127.0.0.1')
  app.server.once('request', () => socket.destroy())
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  return handled.promise
}

it('closes what it was to send when the caller is gone before the first byte', async () => {
  const source = Readable.from(['a', 'b', 'c'])
  async function* passed() {
    for await (const piece of source) yield piece
  }
  await goneCaller((reply) => void sendStream(reply, passed()))
  await expect.poll(() => source.destroyed).toBe(true)
})

it('gives a signal that has fired already when the caller is gone', async () => {
  const signal = await goneCaller((reply) => signalOf(reply))
  expect(signal.aborted).toBe(true)
})
