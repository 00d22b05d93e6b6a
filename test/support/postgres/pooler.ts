import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type pg from 'pg'
import { onTestFinished } from 'vitest'
import { eventually } from '../eventually.js'
import { portOf } from '../s3/free-ports.js'
import { connect } from './connect.js'

/** A stand-in for PgBouncer in transaction mode: whoever comes gets another connection for each transaction. */
export interface Pooler {
  readonly url: string
  /** How many transactions each connection to the server has carried. */
  readonly transactions: readonly number[]
  /** How many clients have come. */
  readonly clients: number
  /** What was left in the connections by those who had them: statements with a name, settings, locks, temporary tables. */
  leftovers(): Promise<readonly string[]>
}

interface Backend {
  readonly client: pg.Client
  readonly socket: Duplex
  readonly messages: Messages
  transactions: number
  serves: Frontend | undefined
}

interface Frontend {
  readonly socket: Socket
  backend: Backend | undefined
  /** What the client has sent and no connection has taken yet. */
  waiting: Buffer[]
  /** How many answers of the server end with its being ready for a query. */
  expected: number
}

/** @param url - of a database. @param size - how many connections to the server there are. */
export async function transactionPooler(url: string, size: number): Promise<Pooler> {
  const backends: Backend[] = []
  // The one that has rested for the longest is the next, so that nobody gets the same one twice in a row.
  const idle: Backend[] = []
  const queue: Frontend[] = []
  const frontends = new Set<Frontend>()
  let clients = 0

  const assign = () => {
    while (queue.length > 0 && idle.length > 0) {
      const [frontend, backend] = [queue.shift(), idle.shift()]
      if (frontend === undefined || backend === undefined) return
      frontend.backend = backend
      backend.serves = frontend
      backend.transactions += 1
      backend.socket.write(Buffer.concat(frontend.waiting.splice(0)))
    }
  }
  const release = (backend: Backend) => {
    if (backend.serves !== undefined) backend.serves.backend = undefined
    backend.serves = undefined
    idle.push(backend)
    assign()
  }

  for (let i = 0; i < size; i++) {
    const client = await connect(url)
    // The driver has proved who it is; what comes from here on is handed on as it is.
    const socket: Duplex = Reflect.get(Reflect.get(client, 'connection'), 'stream')
    socket.removeAllListeners('data').removeAllListeners('close').removeAllListeners('end')
    const backend: Backend = { client, socket, messages: messagesOf(), transactions: 0, serves: undefined }
    socket.on('data', (bytes) => {
      for (const message of backend.messages(bytes)) {
        const frontend = backend.serves
        frontend?.socket.write(message)
        if (message[0] !== READY || frontend === undefined) continue
        frontend.expected -= 1
        if (frontend.expected === 0 && message[5] === OUT_OF_TRANSACTION) release(backend)
      }
    })
    backends.push(backend)
    idle.push(backend)
  }

  const server = createServer({ noDelay: true }, (socket) => {
    clients += 1
    const frontend: Frontend = { socket, backend: undefined, waiting: [], expected: 0 }
    const messages = messagesOf()
    frontends.add(frontend)
    let hasBegun = false
    socket.on('error', () => {}).on('close', () => frontends.delete(frontend))
    socket.on('data', (bytes) => {
      if (!hasBegun) {
        // Its first message says who it is, which is taken on trust.
        hasBegun = true
        socket.write(WELCOME)
        return
      }
      for (const message of messages(bytes)) {
        if (message[0] === TERMINATE) return
        if (message[0] === QUERY || message[0] === SYNC) frontend.expected += 1
        if (frontend.backend !== undefined) frontend.backend.socket.write(message)
        else {
          if (frontend.waiting.length === 0) queue.push(frontend)
          frontend.waiting.push(message)
        }
      }
      assign()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const { socket } of [...frontends, ...backends]) socket.destroy()
    server.close()
  })

  const ask = (backend: Backend, sql: string) =>
    new Promise<string[]>((resolve) => {
      const rows: string[] = []
      const messages = messagesOf()
      const listen = (bytes: Buffer) => {
        for (const message of messages(bytes)) {
          // One column of text: its number, its length, and the text.
          if (message[0] === ROW) rows.push(message.subarray(11).toString())
          if (message[0] !== READY) continue
          backend.socket.off('data', listen)
          resolve(rows)
        }
      }
      backend.socket.on('data', listen)
      const text = Buffer.from(`${sql}\0`)
      const head = Buffer.alloc(5)
      head.writeUInt8(QUERY)
      head.writeUInt32BE(text.length + 4, 1)
      backend.socket.write(Buffer.concat([head, text]))
    })
  const address = new URL(url)
  address.port = String(portOf(server))
  return {
    url: address.href,
    get transactions() {
      return backends.map(({ transactions }) => transactions)
    },
    get clients() {
      return clients
    },
    async leftovers() {
      // An answer may be there before the transaction has ended.
      await eventually(() => {
        if (idle.length < size) throw new TypeError('a transaction goes on')
      })
      return (await Promise.all(backends.map((backend) => ask(backend, LEFTOVERS)))).flat()
    },
  }
}

/** What the driver itself asks for when it connects is not counted. */
const LEFTOVERS = `
  select 'statement ' || name from pg_prepared_statements where name <> ''
  union all select 'setting ' || name from pg_settings where source = 'session'
  union all select 'lock ' || locktype from pg_locks where pid = pg_backend_pid() and locktype in ('advisory', 'transactionid')
  union all select 'table ' || relname from pg_class where relpersistence = 't'
  union all select 'channel ' || c from pg_listening_channels() as c`

/** https://www.postgresql.org/docs/current/protocol-message-formats.html */
const [READY, ROW, QUERY, SYNC, TERMINATE] = [0x5a, 0x44, 0x51, 0x53, 0x58] as const
const OUT_OF_TRANSACTION = 0x49
/** AuthenticationOk, and ReadyForQuery. */
const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49])

type Messages = (bytes: Buffer) => Buffer[]

/** Cuts what comes into whole messages: a letter, and a length that counts itself. */
function messagesOf(): Messages {
  let rest = Buffer.alloc(0)
  return (bytes) => {
    rest = Buffer.concat([rest, bytes])
    const whole: Buffer[] = []
    while (rest.length >= 5) {
      const end = 1 + rest.readUInt32BE(1)
      if (rest.length < end) break
      whole.push(rest.subarray(0, end))
      rest = rest.subarray(end)
    }
    return whole
  }
}
