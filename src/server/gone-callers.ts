import type { Socket } from 'node:net'
import type { FastifyRequest } from 'fastify'
import type { App } from './route.js'

/**
 * Tells of requests whose caller went away before the end of the answer.
 *
 * By one listener for a connection: Fastify's `onRequestAbort` takes one for each request, which costs a read about a
 * fiftieth of its time. Of requests that are sent before the answer to the one before (RFC 9112, section 9.3.2), which
 * few programs do, the last alone is told.
 */
export function onGoneCaller(app: App, tell: (request: FastifyRequest) => void): void {
  const asking = new Map<Socket, FastifyRequest>()
  app.server.on('connection', (socket) => {
    socket.once('close', () => {
      const request = asking.get(socket)
      if (request === undefined) return
      asking.delete(socket)
      tell(request)
    })
  })
  app.addHook('onRequest', (request, _reply, done) => {
    asking.set(request.raw.socket, request)
    done()
  })
  app.addHook('onResponse', ({ raw: { socket }, raw }, _reply, done) => {
    if (asking.get(socket)?.raw === raw) asking.delete(socket)
    done()
  })
}
