import { once } from 'node:events'
import { createServer, type Server, Socket } from 'node:net'
import { portOf } from './free-ports.js'

/** What happens to a connection. Counts are of bytes of that connection, in the direction of the fault. */
type TcpFault =
  | { readonly is: 'none' }
  /** Nobody listens. */
  | { readonly is: 'refuse' }
  /** Ends the connection after so many bytes: politely (`cut`) or not (`reset`). */
  | { readonly is: 'cut' | 'reset'; readonly direction: Direction; readonly afterBytes: number }
  /** Nothing more passes after so many bytes, and the connection stays. */
  | { readonly is: 'stall'; readonly direction: Direction; readonly afterBytes: number }
  | { readonly is: 'slow'; readonly direction: Direction; readonly bytesPerSecond: number }
  /** Turns one bit of the byte at `atByte`. */
  | { readonly is: 'corrupt'; readonly direction: Direction; readonly atByte: number }

type Direction = 'to-server' | 'to-client'

export interface TcpFaultProxy {
  readonly endpoint: string
  /** How many connections were made so far. */
  readonly connections: number
  /** Holds for the connections that begin after it, until the next call; `times` is how often it strikes at most. */
  inject(fault: TcpFault, times?: number): Promise<void>
  close(): Promise<void>
}

/** A proxy in front of `target` that does to connections what networks do. */
export async function startTcpFaultProxy(target: string): Promise<TcpFaultProxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let fault: TcpFault = { is: 'none' }
  let timesLeft = Number.POSITIVE_INFINITY
  let connections = 0

  const server = createServer({ allowHalfOpen: true }, (client) => {
    connections += 1
    const applied = fault
    const strikes = () => applied === fault && timesLeft-- > 0
    const upstream = new Socket({ allowHalfOpen: true }).connect(Number(port), hostname)
    const kill = (how: 'cut' | 'reset') => {
      for (const socket of [client, upstream]) how === 'reset' ? socket.resetAndDestroy() : socket.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket
        .on('error', () => kill('cut'))
        .on('close', () => {
          sockets.delete(socket)
          kill('cut')
        })
    }
    pass(client, upstream, 'to-server', applied, { strikes, kill })
    pass(upstream, client, 'to-client', applied, { strikes, kill })
  })

  await listen(server, 0)
  const listenPort = portOf(server)
  return {
    endpoint: `http://127.0.0.1:${listenPort}`,
    get connections() {
      return connections
    },
    async inject(next, times = Number.POSITIVE_INFINITY) {
      fault = next
      timesLeft = times
      if (next.is === 'refuse' && server.listening) await close(server, sockets)
      if (next.is !== 'refuse' && !server.listening) await listen(server, listenPort)
    },
    close: async () => {
      if (server.listening) await close(server, sockets)
    },
  }
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
}

async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  for (const socket of sockets) socket.destroy()
  await closed
}

function pass(
  from: Socket,
  to: Socket,
  direction: Direction,
  fault: TcpFault,
  { strikes, kill }: { strikes: () => boolean; kill: (how: 'cut' | 'reset') => void },
): void {
  let passed = 0
  const faulty = 'direction' in fault && fault.direction === direction ? fault : undefined
  from.on('end', () => to.end())
  from.on('data', (bytes: Buffer) => {
    const before = passed
    passed += bytes.length
    if (faulty?.is === 'cut' || faulty?.is === 'reset' || faulty?.is === 'stall') {
      const allowed = Math.max(0, faulty.afterBytes - before)
      if (bytes.length > allowed && strikes()) {
        from.pause()
        const { is } = faulty
        if (is === 'stall') to.write(bytes.subarray(0, allowed))
        else to.write(bytes.subarray(0, allowed), () => kill(is))
        return
      }
    }
    if (faulty?.is === 'corrupt' && faulty.atByte >= before && faulty.atByte < passed && strikes()) {
      const at = faulty.atByte - before
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
    }
    if (faulty?.is === 'slow') {
      from.pause()
      to.write(bytes)
      setTimeout(() => from.resume(), (bytes.length / faulty.bytesPerSecond) * 1_000)
      return
    }
    if (!to.write(bytes)) {
      from.pause()
      to.once('drain', () => from.resume())
    }
  })
}
