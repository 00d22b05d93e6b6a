import { stat } from 'node:fs/promises'
import type { Queries, Session, SqlEngine } from './engine.js'
import { withPatience } from './patience.js'
import type { SqliteConnection } from './sqlite-connection.js'
import { closedError, isBusy, leavesCommitUnknown, toDatabaseError } from './sqlite-errors.js'

export interface SqliteEngineOptions {
  readonly path: string
  readonly queries: Queries
  readonly reader: SqliteConnection
  readonly writer: SqliteConnection
  /** How long to wait for another process that keeps the file locked, in milliseconds. */
  readonly patienceMs: number
}

/**
 * Two connections to one file. Transactions of this process run one after the other on the first. A read uses the first
 * as well while no transaction is open there, since SQLite empties the cache of a connection when another one has
 * written; while one is open it uses the second, so that it neither waits nor sees what is not committed.
 */
export class SqliteEngine implements SqlEngine {
  readonly queries: Queries
  readonly #path: string
  readonly #reader: SqliteConnection
  readonly #writer: SqliteConnection
  readonly #patienceMs: number
  readonly #reads: Session = {
    all: (query, values) => this.#readable().all(query, values),
    first: (query, values) => this.#readable().first(query, values),
    run: () => {
      throw new TypeError('a read changes nothing')
    },
  }
  #inTransaction = false
  #lastWrite: Promise<unknown> = Promise.resolve()
  #readsUnderWay = 0
  #whenReadsEnd: (() => void) | undefined
  #closing: Promise<void> | undefined

  constructor({ path, queries, reader, writer, patienceMs }: SqliteEngineOptions) {
    this.queries = queries
    this.#path = path
    this.#reader = reader
    this.#writer = writer
    this.#patienceMs = patienceMs
  }

  async read<T>(operation: string, work: (session: Session) => Promise<T> | T): Promise<T> {
    if (this.#closing !== undefined) throw closedError(operation, this.#path)
    this.#readsUnderWay += 1
    try {
      return await this.#reading(() => work(this.#reads))
    } catch (error) {
      throw toDatabaseError(error, operation, this.#path)
    } finally {
      this.#readsUnderWay -= 1
      if (this.#readsUnderWay === 0) this.#whenReadsEnd?.()
    }
  }

  async write<T>(operation: string, work: (session: Session) => Promise<T> | T): Promise<T> {
    if (this.#closing !== undefined) throw closedError(operation, this.#path)
    const turn = this.#lastWrite.then(() => this.#transaction(operation, work))
    this.#lastWrite = turn.catch(() => {})
    return turn
  }

  /** Moves the log into the database and shortens it: https://www.sqlite.org/pragma.html#pragma_wal_checkpoint */
  async reclaimSpace(): Promise<number> {
    if (this.#closing !== undefined) throw closedError('reclaimSpace', this.#path)
    const turn = this.#lastWrite.then(async () => {
      const before = await sizeOf(`${this.#path}-wal`)
      try {
        this.#writer.execute('pragma wal_checkpoint(truncate)')
      } catch (error) {
        if (!isBusy(error)) throw toDatabaseError(error, 'reclaimSpace', this.#path)
      }
      return Math.max(0, before - (await sizeOf(`${this.#path}-wal`)))
    })
    this.#lastWrite = turn.catch(() => {})
    return turn
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#lastWrite
    if (this.#readsUnderWay > 0)
      await new Promise<void>((resolve) => {
        this.#whenReadsEnd = resolve
      })
    this.#reader.database.close()
    this.#writer.database.close()
  }

  async #transaction<T>(operation: string, work: (session: Session) => Promise<T> | T): Promise<T> {
    let committing = false
    try {
      await this.#patiently('begin immediate')
      this.#inTransaction = true
      this.#writer.tick()
      const answer = await work(this.#writer)
      committing = true
      await this.#patiently('commit')
      return answer
    } catch (error) {
      this.#rollBack()
      const outcome = committing && leavesCommitUnknown(error) ? 'unknown' : 'not-applied'
      throw toDatabaseError(error, operation, this.#path, outcome)
    } finally {
      this.#inTransaction = false
    }
  }

  /** A read changes nothing, so all of it can be done again. */
  async #reading<T>(work: () => Promise<T> | T): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error)) throw error
      return withPatience(work, isBusy, this.#patienceMs)
    }
  }

  /** Asked for each statement, since a transaction may begin between two of one read. */
  #readable(): SqliteConnection {
    const connection = this.#inTransaction ? this.#reader : this.#writer
    connection.tick()
    return connection
  }

  #patiently(sql: string): Promise<void> {
    return withPatience(() => this.#writer.execute(sql), isBusy, this.#patienceMs)
  }

  #rollBack(): void {
    try {
      if (this.#writer.database.isTransaction) this.#writer.execute('rollback')
    } catch {
      // The failure that led here says more; SQLite undoes the transaction when the connection closes.
    }
  }
}

/** In bytes; 0 for a file that is not there, as the log is where there is none. */
async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined)
  return found?.size ?? 0
}
