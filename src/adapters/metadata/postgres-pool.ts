import { readFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { Pool, PoolClient, PoolConfig } from 'pg'
import type { PostgresAddress, SslMode } from './postgres-address.js'
import { isNotOffered } from './postgres-errors.js'

/** The type of `bigint`: https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat */
const INT8 = 20

/** How long a statement may take beyond its time-out before its connection is given up, in milliseconds. */
const SILENCE_MS = 5_000

export type PoolOptions = PostgresAddress & {
  readonly poolSize: number
  readonly statementTimeoutMs: number
  readonly connectTimeoutMs: number
}

/** A pool whose connections keep nothing between two transactions, so that a pooler may stand in front of the server. */
export async function openPool(options: PoolOptions): Promise<Pool> {
  if ((options.sslMode ?? 'prefer') !== 'prefer')
    return connected(options, await tlsOf(options, options.sslMode))
  // Without TLS where the server has none: https://www.postgresql.org/docs/current/libpq-ssl.html
  return connected(options, await tlsOf(options, 'require')).catch((error: unknown) => {
    if (!isNotOffered(error)) throw error
    return connected(options, false)
  })
}

/** What the connection has failed with, between two queries as well. */
const lost = new WeakMap<PoolClient, Error>()

export function lossOf(client: PoolClient): Error | undefined {
  return lost.get(client)
}

async function connected(options: PoolOptions, ssl: PoolConfig['ssl']): Promise<Pool> {
  const { Pool, types } = (await import('pg')).default
  const { host, port, user, password, database } = options
  const sockets = new Set<Socket>()
  const pool = new Pool({
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(database === undefined ? {} : { database }),
    ssl,
    stream: () => {
      const socket = new Socket()
      sockets.add(socket.once('close', () => sockets.delete(socket)))
      return socket
    },
    max: options.poolSize,
    connectionTimeoutMillis: options.connectTimeoutMs,
    // A server that has gone without a word would hold its callers for good.
    query_timeout: options.statementTimeoutMs + SILENCE_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: 'modelry',
    pipeline: true,
    types: {
      // What is counted and numbered stays below 2^53.
      getTypeParser: (type, format) => (type === INT8 ? Number : types.getTypeParser(type, format)),
    },
  })
  // Without these, a connection that ends while nobody uses it would end the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', (error) => lost.set(client, error)))
  try {
    const client = await pool.connect()
    client.release()
    return pool
  } catch (error) {
    await pool.end()
    // What the driver refuses by itself, such as to come without a password, would stay open until the server ends it.
    for (const socket of sockets) socket.destroy()
    throw error
  }
}

async function tlsOf(
  { sslRootCert, host }: PostgresAddress,
  mode: SslMode | undefined,
): Promise<ConnectionOptions | false> {
  // A Unix socket does not leave the machine.
  if (mode === 'disable' || host?.startsWith('/')) return false
  const ca = sslRootCert === undefined ? {} : { ca: await readFile(sslRootCert, 'utf8') }
  if (mode === 'verify-full') return ca
  // With an authority, `require` means what `verify-ca` does.
  if (mode === 'verify-ca' || sslRootCert !== undefined)
    return { ...ca, checkServerIdentity: () => undefined }
  return { rejectUnauthorized: false }
}
