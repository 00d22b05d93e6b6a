import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Session } from './engine.js'
import type { Prepared, SqlValue } from './prepared.js'

/** One connection with its prepared statements. SQLite answers at once, so nothing here waits. */
export class SqliteConnection implements Session {
  readonly database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  readonly #clock: () => number
  #now: number

  constructor(database: DatabaseSync, clock: () => number) {
    this.database = database
    this.#clock = clock
    this.#now = clock()
  }

  /** Takes the time for what follows: a transaction sees one time throughout. */
  tick(): void {
    this.#now = this.#clock()
  }

  all<P extends object, R>(query: Prepared<P, R>, values: P): R[] {
    // The columns are those that the query selects, whose types kysely or its author gave as R.
    return this.#statement(query.sql).all(...query.bind(values, this.#now)) as R[]
  }

  first<P extends object, R>(query: Prepared<P, R>, values: P): R | undefined {
    return this.#statement(query.sql).get(...query.bind(values, this.#now)) as R | undefined
  }

  run<P extends object, R>(query: Prepared<P, R>, values: P): number {
    return Number(this.#statement(query.sql).run(...query.bind(values, this.#now)).changes)
  }

  /** For statements that belong to the connection rather than to the store: `begin`, pragmas. */
  execute(sql: string, ...values: SqlValue[]): void {
    this.#statement(sql).run(...values)
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.database.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}
