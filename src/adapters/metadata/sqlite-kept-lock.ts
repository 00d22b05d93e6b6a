import type { SqliteConnection } from './sqlite-connection.js'

/** Below so many reads in a turn, keeping the lock costs more than it spares. */
const WORTH_IT = 3

/**
 * Keeps the log of the database locked for reading while several reads come in one turn of the event loop.
 *
 * Each read takes that lock and gives it back, which costs two system calls and more time than most reads take by
 * themselves. Where another connection of the process has it, SQLite counts instead of asking the system:
 * https://sqlite.org/src/file/src/os_unix.c, `unixShmLock`. Each read still begins at the last commit of whoever wrote.
 *
 * In WAL mode only, where whoever reads never holds up who writes.
 */
export class KeptLock {
  readonly #keeper: SqliteConnection
  #reads = 0
  #readsOfLastTurn = 0
  #isKept = false
  readonly #turnEnds = () => {
    this.#readsOfLastTurn = this.#reads
    this.#reads = 0
    this.release()
  }

  /** @param keeper - does nothing else while the lock is kept. */
  constructor(keeper: SqliteConnection) {
    this.#keeper = keeper
  }

  /** Before each read on another connection. */
  beforeRead(): void {
    if (this.#reads === 0) setImmediate(this.#turnEnds)
    this.#reads += 1
    if (!this.#isKept && Math.max(this.#reads, this.#readsOfLastTurn) >= WORTH_IT) this.#keep()
  }

  release(): void {
    if (!this.#isKept) return
    this.#isKept = false
    // SQLite ends a transaction by itself after some failures: https://www.sqlite.org/lang_transaction.html
    if (this.#keeper.database.isTransaction) this.#keeper.execute('commit')
  }

  #keep(): void {
    try {
      this.#keeper.execute('begin')
      this.#keeper.execute('select 1 from sqlite_schema')
      this.#isKept = true
    } catch {
      // The read that follows meets the same, and is the one that tells its caller.
      if (this.#keeper.database.isTransaction) this.#keeper.execute('rollback')
    }
  }
}
