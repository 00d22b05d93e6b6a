import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely'
import { type Dialect, Queries } from './engine.js'
import { CLOCK, placeholder } from './prepared.js'
import type { Schema } from './schema.js'
import { trigramsOf } from './trigrams.js'

/** The time at which the transaction began: the same throughout it. */
const DATABASE_CLOCK = sql<number>`(extract(epoch from now()) * 1000)::bigint`

/** The time at which it is asked for. */
const DATABASE_MOMENT = sql<number>`floor(extract(epoch from clock_timestamp()) * 1000)::bigint`

/** The clock that a test moves. */
const GIVEN_CLOCK = sql<number>`${placeholder(CLOCK)}::bigint`

/** Any number that nobody else is likely to use; registries in other schemas of the database share it. */
const OBJECTS_LOCK = 7_305_808_712

function postgres(clock: 'database' | 'given'): Dialect {
  return {
    now: clock === 'database' ? DATABASE_CLOCK : GIVEN_CLOCK,
    moment: clock === 'database' ? DATABASE_MOMENT : GIVEN_CLOCK,
    jsonArray: (item, orderBy, from) =>
      sql`(select coalesce(json_agg(${item} order by ${orderBy}), '[]')::text from ${from})`,
    jsonTuple: (values) => sql`json_build_array(${values})`,
    textsOf: (json) => sql`(select json_array_elements_text(${json}::json))`,
    // No index has this expression, and the planner does not see through it.
    withoutIndex: (column) => sql`coalesce(${column}, ${column})`,
    hasTag: (name) => sql`exists (select 1 from version_tags where version_id = v.id and name = ${name})`,
    textFilter: (text) => ({
      rows: {
        from: sql`trained_models v`,
        where: sql`v.state = 'ready' and modelry_trigrams(v.search_text) @> ${placeholder('trigrams')}::text[]`,
        id: sql`v.id`,
        inIdOrder: false,
        hasVersion: true,
      },
      rowsAreCandidates: true,
      test: sql`strpos(v.search_text, ${placeholder('text')}) > 0`,
      values: { text, trigrams: arrayLiteral(trigramsOf(text)) },
    }),
    idsGiven: (table, column) => {
      const sequence = sql`pg_get_serial_sequence(${sql.lit(table)}, ${sql.lit(column)})`
      const last = sql`(select max(${sql.ref(column)}) from ${sql.table(table)})`
      return sql`select setval(${sequence}, greatest(${last}, nextval(${sequence})))`
    },
    writers: 'many',
    // https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
    lockObjects: (mode) =>
      mode === 'record'
        ? sql<object>`select pg_advisory_xact_lock_shared(${sql.lit(OBJECTS_LOCK)})`
        : sql<object>`select pg_advisory_xact_lock(${sql.lit(OBJECTS_LOCK)})`,
    // The weaker lock lets others refer to the row meanwhile: https://www.postgresql.org/docs/current/explicit-locking.html
    lockRow: sql`for no key update`,
    lockToRemove: sql`for update`,
    lockFree: sql`for update skip locked`,
  }
}

/** https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */
function arrayLiteral(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`
}

/**
 * Queries for Postgres. Kysely writes them; running them is the engine's, so its driver is one that does nothing.
 *
 * @param clock - `given` when the engine says the time instead of the database, as tests do.
 */
export function postgresQueries(clock: 'database' | 'given'): Queries {
  const db = new Kysely<Schema>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
  return new Queries(db, postgres(clock))
}
