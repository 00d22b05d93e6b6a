import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { portOf } from '../s3/free-ports.js'

/** What stands between a program and its database, and loses one COMMIT. */
export interface CommitProxy {
  /** The address by which the database is reached through it. */
  readonly url: string
  /**
   * A COMMIT is lost, the next one after `after` others. `answer`: the server gets it, and its answer does not come back.
   * `request`: the server never gets it. Both ends are closed when `meanwhile` is over.
   */
  loseCommit(
    what: 'request' | 'answer',
    options?: { readonly after?: number; readonly meanwhile?: () => Promise<void> },
  ): void
  /** How many COMMITs were lost. */
  readonly lost: number
}

/** A query of its own, which ends with a NUL: "read committed" is none. */
const COMMIT = 'commit\0'

/** @param url - of the database. */
export async function commitProxy(url: string): Promise<CommitProxy> {
  const target = Number(new URL(url).port)
  const sockets = new Set<Socket>()
  let armed: { what: 'request' | 'answer'; after: number; meanwhile: () => Promise<void> } | undefined
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
    let isOver = false
    const lose = () => {
      if (isOver) return
      isOver = true
      void losing?.meanwhile().then(end, end)
    }
    client.on('data', (bytes) => {
      if (armed !== undefined && bytes.includes(COMMIT)) {
        armed.after -= 1
        if (armed.after < 0) {
          losing = armed
          armed = undefined
          lost += 1
          if (losing.what === 'request') lose()
        }
      }
      if (losing?.what !== 'request') upstream.write(bytes)
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
    loseCommit(what, { after = 0, meanwhile = async () => {} } = {}) {
      armed = { what, after, meanwhile }
    },
    get lost() {
      return lost
    },
  }
}
