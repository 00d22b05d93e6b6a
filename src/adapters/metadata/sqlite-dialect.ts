import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely'
import { type Dialect, Queries } from './engine.js'
import { CLOCK, placeholder } from './prepared.js'
import type { Schema } from './schema.js'

const sqlite: Dialect = {
  now: placeholder(CLOCK),
  jsonArray: (item, orderBy, from) =>
    sql`(select json_group_array(${item} order by ${orderBy}) from ${from})`,
  jsonTuple: (values) => sql`json_array(${values})`,
  // The unary plus changes nothing but the planner's mind: https://www.sqlite.org/optoverview.html
  withoutIndex: (column) => sql`+${column}`,
  textFilter: (text) => ({
    rows: {
      from: sql`version_search s`,
      where: sql`s.text match ${placeholder('match')}`,
      id: sql`s.rowid`,
      inIdOrder: true,
      hasVersion: false,
    },
    test: sql`instr(v.search_text, ${placeholder('text')}) > 0`,
    // A string of the query language of https://www.sqlite.org/fts5.html, found as it stands.
    values: { text, match: `"${text.replaceAll('"', '""')}"` },
  }),
}

/** Queries for SQLite. Kysely writes them; running them is the engine's, so its driver is one that does nothing. */
export function sqliteQueries(): Queries {
  const db = new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  })
  return new Queries(db, sqlite)
}
