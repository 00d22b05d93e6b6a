import { setTimeout as delay } from 'node:timers/promises'
import type { Pool, PoolClient } from 'pg'
import { schemaNewer } from '../../errors/causes/sqlite.js'
import { DatabaseError } from '../../errors/database-error/error.js'
import { type Queries, type Session, type SqlEngine, StateChanged } from './engine.js'
import {
  closedError,
  isConnectionLost,
  isRolledBack,
  type PostgresPlace,
  toPostgresError,
} from './postgres-errors.js'
import { type Begun, fateOf, INCARNATION } from './postgres-fate.js'
import { lossOf } from './postgres-pool.js'
import { PostgresSession } from './postgres-session.js'

export interface PostgresEngineOptions {
  readonly queries: Queries
  readonly pool: Pool
  readonly place: PostgresPlace
  /** What each transaction begins with, so that nothing has to be kept between two of them. */
  readonly settings: readonly string[]
  /** The last migration that this program knows. */
  readonly schemaNumber: number
  readonly now: () => number
}

/** How often a transaction is tried that the database undoes for the sake of another one. */
const MOST_ATTEMPTS = 10
const PAUSE_MS = 20

const BEGUN = `select txid_current() as transaction, (select max(number) from schema_migrations) as schema, ${INCARNATION}`

/** The transaction is undone, and nothing keeps it from being done again. */
class Undone extends Error {}

/**
 * A pool of connections to one database. Every call is one transaction in READ COMMITTED, which takes the locks that it
 * needs row by row; what the database undoes is done again. When the answer to a COMMIT is lost, the database is asked
 * what became of the transaction.
 */
export class PostgresEngine implements SqlEngine {
  readonly queries: Queries
  readonly #options: PostgresEngineOptions
  readonly #underWay = new Set<Promise<unknown>>()
  #closing: Promise<void> | undefined

  constructor(options: PostgresEngineOptions) {
    this.queries = options.queries
    this.#options = options
  }

  read<T>(operation: string, work: (session: Session) => Promise<T> | T): Promise<T> {
    return this.#call(operation, () => this.#reading(['begin read only'], work))
  }

  snapshot<T>(operation: string, work: (session: Session) => Promise<T>): Promise<T> {
    return this.#call(operation, () =>
      this.#reading(['begin isolation level repeatable read read only'], work),
    )
  }

  write<T>(operation: string, work: (session: Session) => Promise<T> | T): Promise<T> {
    return this.#call(operation, () => this.#writing(operation, [], work))
  }

  /** https://www.postgresql.org/docs/current/wal-async-commit.html */
  writeForNow<T>(operation: string, work: (session: Session) => Promise<T> | T): Promise<T> {
    return this.#call(operation, () => this.#writing(operation, ['set local synchronous_commit = off'], work))
  }

  checkStorage(): void {
    // A server that answers has its storage.
  }

  /** What can be given back, the server's own vacuum does. */
  async reclaimSpace(): Promise<number> {
    return this.#call('reclaimSpace', async () => 0)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
    await this.#options.pool.end()
  }

  async #call<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const { place } = this.#options
    if (this.#closing !== undefined) throw closedError(operation, place)
    return this.#tracked(
      work().catch((error: unknown) => {
        throw toPostgresError(error, operation, place)
      }),
    )
  }

  #tracked<T>(promise: Promise<T>): Promise<T> {
    const tracked = promise.finally(() => this.#underWay.delete(tracked))
    this.#underWay.add(tracked)
    return tracked
  }

  /** Reading changes nothing, so all of it is done again on another connection when one is lost. */
  async #reading<T>(begin: readonly string[], work: (session: Session) => Promise<T> | T): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const client = await this.#options.pool.connect()
      try {
        return await this.#read(client, begin, work)
      } catch (error) {
        if (attempt > 1 || !isConnectionLost(error)) throw error
      }
    }
  }

  async #read<T>(
    client: PoolClient,
    begin: readonly string[],
    work: (session: Session) => Promise<T> | T,
  ): Promise<T> {
    // The first query goes out behind this one, and the end of the transaction need not be waited for.
    const begun = client.query([...begin, ...this.#options.settings].join(';'))
    begun.catch(() => {})
    try {
      const answer = await work(new PostgresSession(client, this.#options.now()))
      await begun
      void this.#tracked(finish(client, 'commit'))
      return answer
    } catch (error) {
      void this.#tracked(finish(client, 'rollback'))
      // Where the beginning failed, what failed behind it says nothing.
      await begun
      throw causeOf(error, client)
    }
  }

  async #writing<T>(
    operation: string,
    settings: readonly string[],
    work: (session: Session) => Promise<T> | T,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#write(operation, settings, work)
      } catch (error) {
        const again = isRolledBack(error) || error instanceof StateChanged || error instanceof Undone
        if (!again || attempt >= MOST_ATTEMPTS) throw error instanceof Undone ? error.cause : error
      }
      await delay(PAUSE_MS * attempt * (0.5 + Math.random()))
    }
  }

  async #write<T>(
    operation: string,
    settings: readonly string[],
    work: (session: Session) => Promise<T> | T,
  ): Promise<T> {
    const client = await this.#options.pool.connect()
    let step: 'begin' | 'work' = 'begin'
    let begun: Begun
    let answer: T
    try {
      begun = await this.#begin(client, operation, settings)
      step = 'work'
      answer = await work(new PostgresSession(client, this.#options.now()))
    } catch (error) {
      const cause = causeOf(error, client)
      await finish(client, 'rollback')
      // A connection that had ended in the pool, unnoticed: nothing was done on it.
      throw step === 'begin' && isConnectionLost(cause) ? new Undone('not begun', { cause }) : cause
    }
    try {
      await client.query('commit')
    } catch (error) {
      const cause = causeOf(error, client)
      await finish(client, 'rollback')
      if (!isConnectionLost(cause)) throw cause
      const fate = await fateOf(this.#options.pool, begun)
      if (fate === 'committed') return answer
      if (fate === 'aborted') throw new Undone('not committed', { cause })
      throw toPostgresError(cause, operation, this.#options.place, 'unknown')
    }
    client.release()
    return answer
  }

  /** @returns by what the database knows the transaction. */
  async #begin(client: PoolClient, operation: string, settings: readonly string[]): Promise<Begun> {
    const begin = ['begin isolation level read committed', ...this.#options.settings, ...settings].join(';')
    const [, { rows }] = await Promise.all([
      client.query(begin),
      client.query<Begun & { schema: number }>(BEGUN),
    ])
    const [row] = rows
    if (row === undefined) throw new TypeError('a query for one row gave none')
    const { schemaNumber: expected, place } = this.#options
    if (row.schema > expected)
      throw new DatabaseError({ operation, ...place, expected, actual: row.schema }, { reason: schemaNewer })
    return row
  }
}

/** What has ended the connection, where that is why `error` came. */
function causeOf(error: unknown, client: PoolClient): unknown {
  return isConnectionLost(error) ? (lossOf(client) ?? error) : error
}

/** Ends the transaction and gives the connection back, or up where that fails. Never throws. */
async function finish(client: PoolClient, how: 'commit' | 'rollback'): Promise<void> {
  try {
    await client.query(how)
    client.release()
  } catch {
    client.release(true)
  }
}
