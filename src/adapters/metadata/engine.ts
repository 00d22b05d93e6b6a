import type { Kysely, RawBuilder } from 'kysely'
import type { ListFilter } from './list-filter.js'
import { type Build, Prepared } from './prepared.js'
import type { Schema } from './schema.js'

/** Runs queries on one connection, inside a transaction when it was given by `write`. */
export interface Session {
  all<P extends object, R>(query: Prepared<P, R>, values: P): Promise<R[]> | R[]
  first<P extends object, R>(query: Prepared<P, R>, values: P): Promise<R | undefined> | R | undefined
  /** @returns how many rows were changed. */
  run<P extends object, R>(query: Prepared<P, R>, values: P): Promise<number> | number
}

/** One database: who may run what when, and how its failures become a DatabaseError. */
export interface SqlEngine {
  readonly queries: Queries
  /** @param operation - the method of the port, for the error. */
  read<T>(operation: string, work: (session: Session) => Promise<T> | T): Promise<T>
  /**
   * Reads the database as it is at one moment, for as long as `work` takes and whatever is written meanwhile. Nobody
   * waits for it.
   */
  snapshot<T>(operation: string, work: (session: Session) => Promise<T>): Promise<T>
  /**
   * One transaction: durable when the promise resolves, undone when `work` throws. Several may be written together, so
   * `work` may be called again after what it did was undone, and leaves no other trace than in the session.
   */
  write<T>(operation: string, work: (session: Session) => Promise<T> | T): Promise<T>
  /**
   * The same for what a loss of power may take back: it means something only to processes that run, all of which end
   * then. It costs no write to the disk.
   */
  writeForNow<T>(operation: string, work: (session: Session) => Promise<T> | T): Promise<T>
  /** @throws DatabaseError when what is written would not be found again. */
  checkStorage(operation: string): void
  /** @see MetadataStore.reclaimSpace */
  reclaimSpace(): Promise<number>
  close(): Promise<void>
}

/**
 * Somebody else changed between two statements what the first had found. The transaction is done again; with one writer
 * at a time it cannot happen.
 */
export class StateChanged extends Error {}

/** What SQLite and Postgres write differently. */
export interface Dialect {
  /** The time by the store's clock, in milliseconds since 1970; the same throughout a transaction. */
  readonly now: RawBuilder<number>
  /**
   * The time at which a statement runs, where that can be later than `now`: a transaction may have waited for others. Not
   * before the end of what they did, when it is asked for with their locks in hand.
   */
  readonly moment?: RawBuilder<number>
  /** The rows of `from` as JSON text: an array of `item`, ordered by `orderBy`. */
  jsonArray(
    item: RawBuilder<unknown>,
    orderBy: RawBuilder<unknown>,
    from: RawBuilder<unknown>,
  ): RawBuilder<string>
  /** A JSON array of the values, to be an `item` of `jsonArray`. */
  jsonTuple(values: RawBuilder<unknown>): RawBuilder<unknown>
  /** The texts of a JSON array of texts, as a subquery of one column. */
  textsOf(json: RawBuilder<string>): RawBuilder<string>
  /** The value of a column, in a condition that is for testing a row and not for finding it. */
  withoutIndex<T>(column: RawBuilder<T>): RawBuilder<T>
  /** A table like `version_tags`, with the tags of visible versions that are not in it yet. */
  readonly recentTags?: RawBuilder<unknown>
  /** Whether the version `v` has a tag of that name. */
  hasTag(name: RawBuilder<string>): RawBuilder<unknown>
  /**
   * A query after which the database gives ids above all that are there, once rows brought theirs with them; absent
   * where it does so by itself.
   */
  readonly idsGiven?: (table: string, column: string) => RawBuilder<unknown>
  /**
   * Ends a query that reads what the transaction is about to change, where others can write at the same time: they wait
   * until it has ended, and what the transaction reads from then on is what they left. The strong one is for a row that
   * is about to be removed, which waits for those as well who refer to it.
   */
  readonly writers: 'one' | 'many'
  readonly lockRow: RawBuilder<unknown>
  readonly lockToRemove: RawBuilder<unknown>
  /** The same for rows of which any will do: those that somebody else has are passed over. */
  readonly lockFree: RawBuilder<unknown>
  /**
   * Waits for those who do the other, and not for those who do the same where that is `record`; absent where only one
   * transaction writes at a time. @see objectLocks
   */
  readonly lockObjects?: (mode: 'record' | 'remove') => RawBuilder<object>
  /** Versions whose text has `text`, folded and of at least three characters, in it. */
  textFilter(text: string): Omit<ListFilter, 'name'>
}

/** Where queries are made. */
export class Queries {
  readonly db: Kysely<Schema>
  readonly dialect: Dialect
  readonly #made: { readonly sql: string }[] = []

  constructor(db: Kysely<Schema>, dialect: Dialect) {
    this.db = db
    this.dialect = dialect
  }

  prepare<P extends object, R>(build: Build<P, R>): Prepared<P, R> {
    const query = new Prepared(this.db, build)
    this.#made.push(query)
    return query
  }

  /** Every query made so far, for whoever wants to see how the database would run them. */
  get made(): readonly { readonly sql: string }[] {
    return this.#made
  }
}
