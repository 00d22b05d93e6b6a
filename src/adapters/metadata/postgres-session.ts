import type { PoolClient } from 'pg'
import type { Session } from './engine.js'
import type { Prepared } from './prepared.js'

/** One transaction on one connection. Its statements have no name, so that a pooler may give each another connection. */
export class PostgresSession implements Session {
  readonly #client: PoolClient
  readonly #now: number

  constructor(client: PoolClient, now: number) {
    this.#client = client
    this.#now = now
  }

  async all<P extends object, R>(query: Prepared<P, R>, values: P): Promise<R[]> {
    // The columns are those that the query selects, whose types kysely or its author gave as R.
    return (await this.#query(query, values)).rows as R[]
  }

  async first<P extends object, R>(query: Prepared<P, R>, values: P): Promise<R | undefined> {
    return (await this.all(query, values))[0]
  }

  async run<P extends object, R>(query: Prepared<P, R>, values: P): Promise<number> {
    return (await this.#query(query, values)).rowCount ?? 0
  }

  #query<P extends object, R>(query: Prepared<P, R>, values: P) {
    // Text cannot have a NUL in it: https://www.postgresql.org/docs/current/datatype-character.html
    const bound = query
      .bind(values, this.#now)
      .map((value) => (typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value))
    return this.#client.query(query.sql, bound)
  }
}
