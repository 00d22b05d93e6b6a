import { afterAll, beforeAll } from 'vitest'
import { openPostgresMetadataStore } from '../../../src/adapters/metadata/postgres.js'
import { connect } from './connect.js'
import { freshDatabase } from './fresh-database.js'

type Lasting = (remove: () => Promise<void>) => void

/** A test of a contract opens up to three stores at once. */
const COUNT = 4

/** Databases with the tables of a registry, for the tests of a file: each time another one, emptied. @returns its address. */
export function emptiedDatabases(): () => Promise<string> {
  const next = inTurns(async (lasting) => {
    const url = await freshDatabase(undefined, lasting)
    await (await openPostgresMetadataStore({ url, poolSize: 1 })).close()
    return url
  })
  return async () => {
    const url = next()
    await emptySchema(url, 'public')
    return url
  }
}

/** What takes longer to make than to empty: made before the tests of a file, used in turns, and removed after them. */
export function inTurns<T>(make: (lasting: Lasting) => Promise<T>): () => T {
  const made: T[] = []
  const removals: (() => Promise<void>)[] = []
  beforeAll(async () => {
    while (made.length < COUNT) made.push(await make((remove) => removals.push(remove)))
  })
  afterAll(async () => {
    for (const remove of removals.toReversed()) await remove()
  })
  let used = 0
  return () => {
    const one = made[used++ % COUNT]
    if (one === undefined) throw new TypeError('nothing was made yet')
    return one
  }
}

/** Empties the tables, as nobody can who is no administrator: the history is append-only. */
export async function emptySchema(databaseUrl: string, schema: string): Promise<void> {
  const client = await connect(databaseUrl)
  try {
    await client.query(
      `begin; set local search_path = ${schema};
       alter table history disable trigger user;
       do $do$ begin execute (
         select 'truncate ' || string_agg(quote_ident(tablename), ', ') || ' restart identity' from pg_tables
         where schemaname = current_schema() and tablename <> 'schema_migrations'); end $do$;
       alter table history enable trigger user; commit`,
    )
  } finally {
    await client.end()
  }
}
