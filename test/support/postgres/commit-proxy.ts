import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { portOf } from '../s3/free-ports.js'

/** What stands between a program and its database, and loses one COMMIT. */
export interface CommitProxy {
  /** The address by which the database is reached through it. */
  readonly url: string
  /**
   * The next COMMIT is lost. `answer`: the server gets it, and its answer does not come back. `request`: the server never
   * gets it. Both ends are closed when `meanwhile` is over.
   */
  loseCommit(what: 'request' | 'answer', meanwhile?: () => Promise<void>): void
  /** How many COMMITs were lost. */
  readonly lost: number
}

/** @param url - of the database. */
export async function commitProxy(url: string): Promise<CommitProxy> {
  const target = Number(new URL(url).port)
  const sockets = new Set<Socket>()
  let armed: { what: 'request' | 'answer'; meanwhile: () => Promise<void> } | undefined
  let lost = 0
  const server = createServer((client) => {
    const upstream = dial(target, '127.0.0.1')
    let losing: typeof armed
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => (losing === undefined ? end() : undefined))
    }
    const lose = () => void losing?.meanwhile().then(end, end)
    client.on('data', (bytes) => {
      if (armed !== undefined && bytes.includes('commit')) {
        losing = armed
        armed = undefined
        lost += 1
        if (losing.what === 'request') return lose()
      }
      upstream.write(bytes)
    })
    // The server has answered, which is when the change is made, and nobody hears of it.
    upstream.on('data', (bytes) => (losing === undefined ? client.write(bytes) : lose()))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const through = new URL(url)
  through.port = String(portOf(server))
  return {
    url: through.href,
    loseCommit(what, meanwhile = async () => {}) {
      armed = { what, meanwhile }
    },
    get lost() {
      return lost
    },
  }
}
