import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { portOf } from '../support/s3/free-ports.js'

/** Hands each connection to the next of several servers, and knows nothing of HTTP. @returns its address. */
export async function roundRobin(ports: readonly number[]): Promise<string> {
  const sockets = new Set<Socket>()
  let next = 0
  const server = createServer({ noDelay: true }, (client) => {
    client.on('error', () => {})
    sockets.add(client)
    const tryNext = (left: number) => {
      const port = ports[next++ % ports.length] ?? 0
      const upstream = dial({ port, host: '127.0.0.1', noDelay: true })
      let isConnected = false
      upstream.once('connect', () => {
        isConnected = true
        client.pipe(upstream).pipe(client)
      })
      // What takes no connections is left out; what breaks off does so for the client as well.
      upstream.once('error', () => (isConnected || left <= 1 ? client.destroy() : tryNext(left - 1)))
      upstream.once('close', () => isConnected && client.destroy())
      client.once('close', () => upstream.destroy())
    }
    tryNext(ports.length)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${portOf(server)}`
}
