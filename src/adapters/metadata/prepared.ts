import { type CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely'
import type { Schema } from './schema.js'

export type SqlValue = string | number | null
export type SqlValues = Readonly<Record<string, SqlValue>>

/** The values that a query is given when it runs, as expressions to build it with. */
export type Parameters<P> = { readonly [K in keyof P]: RawBuilder<P[K]> }

type Query<R> = { compile(): CompiledQuery<R> } | RawBuilder<R>

export type Build<P, R> = (db: Kysely<Schema>, p: Parameters<P>) => Query<R>

/** Stands in a compiled query where a value goes. */
class Placeholder {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** A value that the engine gives by itself, whatever the query: the time by the store's clock. */
export const CLOCK = ':now'

export function placeholder<T>(name: string): RawBuilder<T> {
  return sql<T>`${new Placeholder(name)}`
}

const parameters = new Proxy({}, { get: (_, name) => placeholder(String(name)) })

/**
 * A query that is built and compiled once, when it first runs, and then given new values each time: building one takes
 * kysely longer than SQLite takes to answer it.
 */
export class Prepared<P extends object, R> {
  readonly #build: () => CompiledQuery<R>
  #compiled: { readonly sql: string; readonly values: readonly unknown[] } | undefined

  constructor(db: Kysely<Schema>, build: Build<P, R>) {
    this.#build = () => {
      const query = build(db, parameters as Parameters<P>)
      return 'isRawBuilder' in query ? query.compile(db) : query.compile()
    }
  }

  get sql(): string {
    return this.#compile().sql
  }

  /** The values in the order of the query's placeholders. */
  bind(values: P, now: number): SqlValue[] {
    return this.#compile().values.map((value) => {
      if (!(value instanceof Placeholder)) return value as SqlValue
      if (value.name === CLOCK) return now
      const given = (values as SqlValues)[value.name]
      if (given === undefined) throw new TypeError(`the query has no value for ${value.name}: ${this.sql}`)
      return given
    })
  }

  #compile() {
    if (this.#compiled === undefined) {
      const { sql: text, parameters: values } = this.#build()
      this.#compiled = { sql: text, values }
    }
    return this.#compiled
  }
}
