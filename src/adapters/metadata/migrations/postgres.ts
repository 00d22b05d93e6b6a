import type { Pool, PoolClient } from 'pg'
import type { ErrorContext } from '../../../errors/cause.js'
import { packageVersion } from '../../../package-version.js'
import type { MigrationMode } from '../migration-mode.js'
import { type Migration, readMigration } from './migration.js'
import { type Applied, compareSchema, missingOf, type SchemaState } from './missing.js'
import { hasRecord, refuseLostTables, refuseUnknownSchema } from './postgres-place.js'

export function postgresMigrations(): Migration[] {
  return [
    'postgres/0001-registry.sql',
    'postgres/0002-approvals.sql',
    'postgres/0003-pending.sql',
    'postgres/0004-breaker.sql',
    'postgres/0005-supabase.sql',
    'postgres/0006-written-objects.sql',
  ].map(readMigration)
}

interface MigrationPlace {
  /** Where the tables are; that of the connection when it is absent. */
  readonly schema?: string | undefined
  /** For errors. */
  readonly place: Omit<ErrorContext, 'operation'>
}

/** Any number, as long as it is the same for every process: https://www.postgresql.org/docs/current/explicit-locking.html */
const MIGRATION_LOCK = 0x6d6f646c
/** Making an index takes its time. */
const LONGEST_MS = 3_600_000

/**
 * What the database has and what it has not yet, for those who ask for it. Changes nothing.
 *
 * @throws DatabaseError with reason `table-missing` when a table was dropped.
 */
export function migrationState(pool: Pool, where: MigrationPlace): Promise<SchemaState> {
  return inSchema(pool, where, async (client) => {
    const state = await stateIn(client, where)
    // A later program may have done without a table of this one.
    if (state.newer.length > 0) return state
    const made = postgresMigrations().filter(({ number }) =>
      state.applied.some((one) => one.number === number),
    )
    await refuseLostTables(client, made, where.place)
    return state
  })
}

async function inSchema<T>(pool: Pool, where: MigrationPlace, work: (client: PoolClient) => Promise<T>) {
  const client = await pool.connect()
  return ended(client, async () => {
    await client.query(`begin read only;${searchPath(where)}`)
    return work(client)
  })
}

async function stateIn(client: PoolClient, where: MigrationPlace): Promise<SchemaState> {
  const recorded = await recordedIn(client, where)
  const { rows } = await client.query<{ schema: string | null }>('select current_schema() as schema')
  const schema = where.schema ?? rows[0]?.schema ?? undefined
  const state = compareSchema(postgresMigrations(), recorded, where.place)
  return schema === undefined ? state : { schema, ...state }
}

/**
 * Brings the tables up to date: each migration is a transaction of its own, and of several processes that start at once
 * one does it while the others wait.
 *
 * @param where - `mode` is that of whoever opens a registry; absent where the migrations themselves were asked for.
 * @returns the migrations that were applied here, and not by others meanwhile.
 * @throws DatabaseError as `missingOf` does.
 */
export async function migratePostgres(
  pool: Pool,
  where: MigrationPlace & { readonly mode?: MigrationMode | undefined },
  now: number,
): Promise<Migration[]> {
  const done: Migration[] = []
  // Most often there is nothing to do, and then no lock is taken.
  const { applied, newer } = await inSchema(pool, where, (client) => stateIn(client, where))
  const { schema, mode } = where
  const needs = postgresMigrations().at(-1)?.number ?? 0
  if (schema !== undefined && mode !== undefined && applied.length + newer.length === 0)
    await inSchema(pool, where, (client) =>
      refuseUnknownSchema(client, { schema, place: where.place, needs }),
    )
  if (missingOf(postgresMigrations(), [...applied, ...newer], where.place, where.mode).length === 0)
    return done
  for (;;) {
    const client = await pool.connect()
    const migration = await ended(client, async () => {
      await client.query(
        `begin;${searchPath(where)};set local statement_timeout = 0;set local lock_timeout = 0;` +
          'set local idle_in_transaction_session_timeout = 0',
      )
      await client.query(slow(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`))
      // Asked again under the lock: another process may have been first.
      const [next] = missingOf(postgresMigrations(), await recordedIn(client, where), where.place)
      if (next !== undefined) await apply(client, next, where, now)
      return next
    })
    if (migration === undefined) return done
    done.push(migration)
  }
}

async function apply(client: PoolClient, migration: Migration, { schema }: MigrationPlace, now: number) {
  const { number, name, checksum, sql } = migration
  if (schema !== undefined) await client.query(`create schema if not exists "${schema}"`)
  await client.query(`create table if not exists schema_migrations (
    number integer primary key, name text not null, checksum text not null, applied_at bigint not null,
    program text
  )`)
  // The first databases did not have it, nor do those that the files for Supabase made.
  await client.query('alter table schema_migrations add column if not exists program text')
  await client.query(slow(sql))
  await client.query(
    'insert into schema_migrations (number, name, checksum, applied_at, program) values ($1, $2, $3, $4, $5)',
    [number, name, checksum, now, packageVersion()],
  )
}

/** A query that the pool's own time-out does not end. */
function slow(text: string): { text: string } {
  return Object.assign({ text }, { query_timeout: LONGEST_MS })
}

async function recordedIn(client: PoolClient, { place }: MigrationPlace): Promise<Applied[]> {
  if (!(await hasRecord(client, place))) return []
  const recorded = await client.query<Omit<Applied, 'program'> & { program: string | null }>(
    `select number, name, checksum, to_jsonb(m) ->> 'program' as program from schema_migrations m order by number`,
  )
  return recorded.rows.map(({ program, ...one }) => (program === null ? one : { ...one, program }))
}

function searchPath({ schema }: MigrationPlace): string {
  return schema === undefined ? '' : `set local search_path = "${schema}"`
}

/** Runs `work` in the transaction that it begins, which is undone when it throws. */
async function ended<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
  try {
    const answer = await work()
    await client.query('commit')
    client.release()
    return answer
  } catch (error) {
    await client.query('rollback').then(
      () => client.release(),
      () => client.release(true),
    )
    throw error
  }
}
