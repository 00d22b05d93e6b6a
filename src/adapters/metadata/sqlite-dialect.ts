import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely'
import { type Dialect, Queries } from './engine.js'
import { CLOCK, placeholder } from './prepared.js'
import type { Schema } from './schema.js'
import { trigramsOf } from './trigrams.js'

const sqlite: Dialect = {
  now: placeholder(CLOCK),
  // The order is that of a subquery, which an index gives; one inside the call would be sorted for.
  jsonArray: (item, orderBy, from) =>
    sql`(select json_group_array(${item}) from (select * from ${from} order by ${orderBy}))`,
  jsonTuple: (values) => sql`json_array(${values})`,
  textsOf: (json) => sql`(select value from json_each(${json}))`,
  // The unary plus changes nothing but the planner's mind: https://www.sqlite.org/optoverview.html
  withoutIndex: (column) => sql`+${column}`,
  recentTags: sql`recent_tags`,
  hasTag: (name) => sql`exists (select 1 from json_each(v.tags) where key = ${name})`,
  writers: 'one',
  lockRow: sql``,
  lockToRemove: sql``,
  lockFree: sql``,
  textFilter: (text) => ({
    rows: {
      from: sql`(select rowid as id from version_search where version_search match ${placeholder('match')}
        union all select version_id from unsearched_versions) found`,
      where: sql`true`,
      id: sql`found.id`,
      inIdOrder: true,
      hasVersion: false,
      parts: [
        {
          from: sql`version_search s`,
          where: sql`s.version_search match ${placeholder('match')}`,
          id: sql`s.rowid`,
        },
        { from: sql`unsearched_versions u`, where: sql`true`, id: sql`u.version_id` },
      ],
    },
    rowsAreCandidates: true,
    test: sql`instr(v.search_text, ${placeholder('text')}) > 0`,
    values: { text, match: matchOf(text) },
  }),
}

/** Asks for versions that have some of the text's groups of three characters: https://www.sqlite.org/fts5.html */
function matchOf(text: string): string {
  return trigramsOf(text)
    .map((trigram) => `"${trigram.replaceAll('"', '""')}"`)
    .join(' AND ')
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
