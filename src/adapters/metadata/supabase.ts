import { sql } from 'kysely'
import { schemaNewer, schemaOlder } from '../../errors/causes/sqlite.js'
import { DatabaseError } from '../../errors/database-error/error.js'
import type { MetadataStore } from '../../ports/metadata-store.js'
import { Queries } from './engine.js'
import { postgresMigrations } from './migrations/postgres.js'
import { postgresQueries } from './postgres-dialect.js'
import { sqlMetadataStore } from './sql-metadata-store.js'
import { type Calls, supabaseCalls } from './supabase-calls.js'
import { SupabaseEngine } from './supabase-engine.js'
import { type SupabasePlace, toSupabaseError } from './supabase-errors.js'
import { transferReader } from './transfer-read.js'

export interface SupabaseOptions {
  /** The address of the project, `https://<project>.supabase.co`, or of a PostgREST behind `/rest/v1`. */
  readonly url: string
  /** The service role key, or an `sb_secret_` key. It opens everything in the project: keep it on servers. */
  readonly serviceRoleKey: string
  /** The schema that holds the tables, among those that the API exposes; `public` by default. */
  readonly schema?: string
  /** How long one request may take; 30 s by default. */
  readonly requestTimeoutMs?: number
  /** How long to ask what became of a change whose answer was lost; 10 s by default. */
  readonly outcomeMs?: number
  /** A clock other than the database's, for tests: milliseconds since 1970. */
  readonly now?: () => number
}

/**
 * Opens the registry's database in a Supabase project by its URL and service role key, over HTTP. The tables are made by
 * `supabase/migrations`, or by a registry that was opened once by the project's Postgres address.
 *
 * Every change is one call of one SQL function, which is one transaction. What an export reads is held in memory, and a
 * change takes several requests: where the Postgres address can be reached, it is the faster way.
 *
 * @throws DatabaseError with the cause, such as `api-key-invalid`, `schema-cache-stale`, `project-paused` or
 * `schema-older`.
 */
export async function openSupabaseMetadataStore(options: SupabaseOptions): Promise<MetadataStore> {
  const place: SupabasePlace = { host: new URL(options.url).host, role: 'service_role' }
  const schemaNumber = postgresMigrations().at(-1)?.number ?? 0
  const calls = await supabaseCalls({ requestTimeoutMs: 30_000, ...options })
  await checkSchema(calls, schemaNumber, place)
  const queries = supabaseQueries()
  const engine = new SupabaseEngine({
    queries,
    calls,
    place,
    schemaNumber,
    outcomeMs: options.outcomeMs ?? 10_000,
    ...(options.now === undefined ? {} : { now: options.now }),
  })
  const reader = transferReader(queries)
  return {
    ...sqlMetadataStore(engine),
    // A transaction does not last from one request to the next, so the moment is read as a whole before it is handed on.
    exportRows: async (read, only) => {
      const rows = await engine.snapshot('exportRows', (session) =>
        collected(only === undefined ? reader.all(session) : reader.ofName(session, only.modelId)),
      )
      return read(
        (async function* () {
          yield* rows
        })(),
      )
    },
  }
}

async function collected<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const row of rows) all.push(row)
  return all
}

async function checkSchema(calls: Calls, expected: number, place: SupabasePlace): Promise<void> {
  const { schema } = await calls.read({ statements: [] }).catch((error: unknown) => {
    throw toSupabaseError(error, 'open', place)
  })
  const actual = schema ?? 0
  if (actual === expected) return
  const reason = actual > expected ? schemaNewer : schemaOlder
  throw new DatabaseError({ operation: 'open', ...place, expected, actual }, { reason })
}

/** The queries for Postgres, by the time that the functions set for all statements of a change. */
function supabaseQueries(): Queries {
  const { db, dialect } = postgresQueries('database')
  const now = sql<number>`current_setting('modelry.now')::bigint`
  return new Queries(db, {
    ...dialect,
    now,
    moment: now,
    // Without the number that it gives, which is another one each time.
    idsGiven: (table, column) => sql`select (${dialect.idsGiven?.(table, column)}) is null as given`,
  })
}
