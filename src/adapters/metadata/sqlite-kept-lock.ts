import type { SqliteConnection } from './sqlite-connection.js'

/** So many reads in a turn: keeping the lock is a read of its own, with a lock of its own. */
const WORTH_IT = 3

/** In a turn, which may be a long one: the log cannot be started anew meanwhile. */
const AT_MOST_MS = 1

/**
 * Keeps the log of the database locked for reading while several reads come in one turn of the event loop.
 *
 * Each read takes that lock and gives it back, by two system calls. Where another connection of the process has it, SQLite
 * counts instead of asking the system: `unixShmLock` in https://sqlite.org/src/file/src/os_unix.c, `winShmLock` in
 * os_win.c. Each read still begins at the last commit of whoever wrote; after one that came in the same turn it needs
 * another lock, and asks the system again.
 *
 * In WAL mode only, where whoever reads does not hold up who commits. It does hold up who starts the log anew, for a
 * millisecond or until the turn ends: https://www.sqlite.org/wal.html#avoiding_excessively_large_wal_files
 */
export class KeptLock {
  readonly #keeper: SqliteConnection
  #reads = 0
  /** In the last turn that had any. */
  #readsBefore = 0
  #isKept = false
  /** When the turn's first read came that it was kept for. */
  #since: number | undefined
  readonly #endTurn = () => {
    this.#readsBefore = this.#reads
    this.#reads = 0
    this.#since = undefined
    this.release()
  }

  /** @param keeper - does nothing else while the lock is kept. */
  constructor(keeper: SqliteConnection) {
    this.#keeper = keeper
  }

  /** Before each read on another connection. Never throws. */
  beforeRead(): void {
    if (this.#reads === 0) setImmediate(this.#endTurn)
    this.#reads += 1
    if (this.#since !== undefined && performance.now() - this.#since > AT_MOST_MS) this.release()
    else if (!this.#isKept && Math.max(this.#reads, this.#readsBefore) >= WORTH_IT) this.#keep()
  }

  /** Never throws. */
  release(): void {
    if (!this.#isKept) return
    this.#isKept = false
    this.#end('commit')
  }

  #keep(): void {
    try {
      this.#keeper.execute('begin')
      this.#keeper.execute('select 1 from sqlite_schema')
      this.#isKept = true
      this.#since ??= performance.now()
    } catch {
      // The read that follows meets the same, and tells its caller.
      this.#end('rollback')
    }
  }

  #end(how: 'commit' | 'rollback'): void {
    try {
      // SQLite ends it by itself after some failures: https://www.sqlite.org/lang_transaction.html
      if (this.#keeper.database.isTransaction) this.#keeper.execute(how)
    } catch {
      // Nothing was written. Whatever reads or closes the connection next tells what is wrong with it.
    }
  }
}
