import type { Socket } from 'node:net'
import type { FastifyRequest } from 'fastify'
import type { App } from './route.js'

/** Whose answer a connection waits for. */
interface Waiting {
  request?: FastifyRequest | undefined
}

/**
 * Tells of requests whose caller went away before the end of the answer, whichever hook or handler they had come to.
 *
 * By one listener for a connection: `onRequestAbort` of Fastify takes one for each request, and tells of those alone whose
 * body was not read to its end. Of requests that are sent before the answer to the one before (RFC 9112, section 9.3.2), which
 * few programs do, the last alone is told. Whoever works for a request has `signalOf`.
 */
export function onGoneCaller(app: App, tell: (request: FastifyRequest) => void): void {
  // By the connection itself: a server that listens on two addresses is two, and tells of those of one alone.
  const connections = new WeakMap<Socket, Waiting>()
  const met = (socket: Socket): Waiting => {
    const waiting: Waiting = {}
    connections.set(socket, waiting)
    socket.once('close', () => {
      if (waiting.request !== undefined) tell(waiting.request)
    })
    return waiting
  }
  app.addHook('onRequest', (request, _reply, done) => {
    const { socket } = request.raw
    const waiting = connections.get(socket) ?? met(socket)
    waiting.request = request
    done()
  })
  app.addHook('onResponse', ({ raw }, _reply, done) => {
    const waiting = connections.get(raw.socket)
    if (waiting?.request?.raw === raw) waiting.request = undefined
    done()
  })
}
