import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/** SeaweedFS puts the gRPC port of each of its services so far above the HTTP port. */
export const GRPC_OFFSET = 10_000

/** Ports of 127.0.0.1 that are free, each with the port 10,000 above it free too. */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = []
  const found: number[] = []
  try {
    while (found.length < count) {
      const server = await listen(0)
      held.push(server)
      const port = portOf(server)
      if (port + GRPC_OFFSET > 65_535) continue
      const above = await listen(port + GRPC_OFFSET).catch(() => undefined)
      if (above === undefined) continue
      held.push(above)
      found.push(port)
    }
    return found
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))))
  }
}

async function listen(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

export function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('the server has no port')
  return address.port
}
