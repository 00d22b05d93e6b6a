import { randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import type { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import type { Queries, Session, SqlEngine } from './engine.js'
import { withPatience } from './patience.js'
import type { SqliteConnection } from './sqlite-connection.js'
import {
  closedError,
  fileGoneError,
  isBusy,
  leavesCommitUnknown,
  toDatabaseError,
  toOpenError,
} from './sqlite-errors.js'
import { KeptLock } from './sqlite-kept-lock.js'

export interface SqliteEngineOptions {
  readonly path: string
  readonly queries: Queries
  readonly reader: SqliteConnection
  readonly writer: SqliteConnection
  /** Opens one more connection, to read alone, to the file or to a copy of it. */
  readonly connect: (path: string) => SqliteConnection
  /** How long to wait for another process that keeps the file locked, in milliseconds. */
  readonly patienceMs: number
  /** What the connections were opened with. */
  readonly durability: 'full' | 'none'
}

/** A write that waits for its turn. */
interface Waiting {
  readonly operation: string
  readonly lasting: 'lasting' | 'for now'
  /** Does the work. @returns how to tell its caller, once it is certain. */
  readonly work: (session: Session) => Promise<() => void>
  readonly fail: (error: unknown) => void
}

/** How many writes are made in one transaction; others that write to the file wait for as long. */
const MOST_TOGETHER = 64

/**
 * Two connections to one file. Writes of this process run one after the other on the first; those that wait at the same
 * time are one transaction, since most of what one costs is bringing it to the disk. A read uses the first
 * as well while no transaction is open there, since SQLite empties the cache of a connection when another one has
 * written; while one is open it uses the second, so that it neither waits nor sees what is not committed.
 */
export class SqliteEngine implements SqlEngine {
  readonly queries: Queries
  readonly #path: string
  readonly #reader: SqliteConnection
  readonly #writer: SqliteConnection
  readonly #lock: KeptLock | undefined
  readonly #connect: (path: string) => SqliteConnection
  readonly #patienceMs: number
  readonly #durability: 'full' | 'none'
  readonly #file: string | undefined
  #level: 'full' | 'normal' = 'full'
  readonly #reads: Session = {
    all: (query, values) => this.#readable().all(query, values),
    first: (query, values) => this.#readable().first(query, values),
    run: () => {
      throw new TypeError('a read changes nothing')
    },
  }
  readonly #waiting: Waiting[] = []
  /** Whether somebody is on the way to those that wait. */
  #called = false
  #inTransaction = false
  #lastWrite: Promise<unknown> = Promise.resolve()
  #readsUnderWay = 0
  #whenReadsEnd: (() => void) | undefined
  #closing: Promise<void> | undefined

  constructor({ path, queries, reader, writer, connect, patienceMs, durability }: SqliteEngineOptions) {
    this.queries = queries
    this.#path = path
    this.#reader = reader
    this.#writer = writer
    this.#lock = journalOf(writer.database) === 'wal' ? new KeptLock(reader) : undefined
    this.#connect = connect
    this.#patienceMs = patienceMs
    this.#durability = durability
    this.#file = fileAt(path)
  }

  /** @throws DatabaseError when the path names another file than the one that is open, or none, or cannot be looked at. */
  checkStorage(operation: string): void {
    let file: string | undefined
    try {
      // Costs less than 2 µs; without it, whatever is acknowledged would be in a file that has no name.
      file = fileAt(this.#path)
    } catch (error) {
      throw toOpenError(error, operation, this.#path)
    }
    if (file !== this.#file) throw fileGoneError(operation, this.#path)
  }

  async read<T>(operation: string, work: (session: Session) => Promise<T> | T): Promise<T> {
    if (this.#closing !== undefined) throw closedError(operation, this.#path)
    this.#readsUnderWay += 1
    try {
      return await work(this.#reads)
    } catch (error) {
      if (isBusy(error)) return await this.#readingAgain(operation, work)
      throw toDatabaseError(error, operation, this.#path)
    } finally {
      this.#readsUnderWay -= 1
      if (this.#readsUnderWay === 0) this.#whenReadsEnd?.()
    }
  }

  /**
   * On a connection of its own. In WAL mode the log is kept until it ends. With a rollback journal whoever writes would
   * wait for it, so it reads a copy: https://www.sqlite.org/isolation.html
   */
  async snapshot<T>(operation: string, work: (session: Session) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw closedError(operation, this.#path)
    this.checkStorage(operation)
    this.#readsUnderWay += 1
    const copy = `${this.#path}-copy-${randomUUID()}`
    const opened: SqliteConnection[] = []
    const connect = (path: string) => {
      const connection = this.#connect(path)
      opened.push(connection)
      connection.tick()
      return connection
    }
    const patiently = (connection: SqliteConnection, sql: string, ...values: string[]) =>
      withPatience(() => connection.execute(sql, ...values), isBusy, this.#patienceMs)
    try {
      let connection = connect(this.#path)
      if (journalOf(connection.database) !== 'wal') {
        await patiently(connection, 'vacuum into ?', copy)
        connection = connect(copy)
      }
      connection.execute('begin')
      // The moment is that of the first read.
      await patiently(connection, 'select 1 from sqlite_schema')
      connection.execute('pragma query_only = on')
      return await work(connection)
    } catch (error) {
      throw toDatabaseError(error, operation, this.#path)
    } finally {
      for (const { database } of opened) database.close()
      await rm(copy, { force: true })
      this.#readsUnderWay -= 1
      if (this.#readsUnderWay === 0) this.#whenReadsEnd?.()
    }
  }

  write<T>(operation: string, work: (session: Session) => Promise<T> | T): Promise<T> {
    return this.#enqueue(operation, 'lasting', work)
  }

  writeForNow<T>(operation: string, work: (session: Session) => Promise<T> | T): Promise<T> {
    return this.#enqueue(operation, 'for now', work)
  }

  /** Moves the log into the database and shortens it: https://www.sqlite.org/pragma.html#pragma_wal_checkpoint */
  async reclaimSpace(): Promise<number> {
    if (this.#closing !== undefined) throw closedError('reclaimSpace', this.#path)
    const turn = this.#lastWrite.then(async () => {
      const before = await sizeOf(`${this.#path}-wal`)
      this.#lock?.release()
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
    this.#lock?.release()
    this.#reader.database.close()
    this.#writer.database.close()
  }

  async #enqueue<T>(
    operation: string,
    lasting: Waiting['lasting'],
    work: (session: Session) => Promise<T> | T,
  ): Promise<T> {
    if (this.#closing !== undefined) throw closedError(operation, this.#path)
    this.checkStorage(operation)
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({
        operation,
        lasting,
        work: async (session) => {
          const answer = await work(session)
          return () => resolve(answer)
        },
        fail: reject,
      })
      if (this.#called) return
      this.#called = true
      this.#lastWrite = this.#lastWrite.then(() => this.#writeWaiting())
    })
  }

  async #writeWaiting(): Promise<void> {
    do {
      // Whoever asks in the same turn of the event loop comes along.
      await setImmediate()
      await this.#transaction(this.#waiting.splice(0, MOST_TOGETHER))
    } while (this.#waiting.length > 0)
    this.#called = false
  }

  /** Never throws: whoever asked for a write is told. */
  async #transaction(writes: readonly Waiting[]): Promise<void> {
    const tell: (() => void)[] = []
    let step: 'begin' | 'work' | 'commit' = 'begin'
    try {
      this.#sync(writes)
      await this.#patiently('begin immediate')
      this.#inTransaction = true
      // Reads go to its connection from here on, and begin at the last commit rather than where it took the lock.
      this.#lock?.release()
      this.#writer.tick()
      step = 'work'
      for (const { work } of writes) tell.push(await work(this.#writer))
      step = 'commit'
      await this.#patiently('commit')
    } catch (error) {
      this.#rollBack()
      this.#inTransaction = false
      // One of them failed and took the others with it; each by itself does what it can.
      if (step === 'work' && writes.length > 1) {
        for (const write of writes) await this.#transaction([write])
        return
      }
      const outcome = step === 'commit' && leavesCommitUnknown(error) ? 'unknown' : 'not-applied'
      for (const { operation, fail } of writes) fail(toDatabaseError(error, operation, this.#path, outcome))
      return
    }
    this.#inTransaction = false
    for (const done of tell) done()
  }

  /** https://www.sqlite.org/pragma.html#pragma_synchronous: in WAL mode, `normal` leaves a commit to the next that syncs. */
  #sync(writes: readonly Waiting[]): void {
    if (this.#durability === 'none') return
    const level = writes.some(({ lasting }) => lasting === 'lasting') ? 'full' : 'normal'
    if (level === this.#level) return
    // Not by a statement that is kept: this pragma takes effect when it is compiled.
    this.#writer.database.exec(`pragma synchronous = ${level}`)
    this.#level = level
  }

  /** A read changes nothing, so all of it can be done again. */
  async #readingAgain<T>(operation: string, work: (session: Session) => Promise<T> | T): Promise<T> {
    try {
      return await withPatience(() => work(this.#reads), isBusy, this.#patienceMs)
    } catch (error) {
      throw toDatabaseError(error, operation, this.#path)
    }
  }

  /** Asked for each statement, since a transaction may begin between two of one read. */
  #readable(): SqliteConnection {
    if (!this.#inTransaction) this.#lock?.beforeRead()
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

/** Such as `wal` or `delete`: https://www.sqlite.org/pragma.html#pragma_journal_mode */
function journalOf(database: DatabaseSync): string {
  return String(database.prepare('pragma journal_mode').get()?.journal_mode)
}

/** In bytes; 0 for a file that is not there, as the log is where there is none. */
async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined)
  return found?.size ?? 0
}

/** Which file a path names; undefined when there is none. */
function fileAt(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found === undefined ? undefined : `${found.dev}:${found.ino}`
}
