import type { Pool } from 'pg'
import { refuse } from '../../domain/refuse.js'
import type { MetadataStore } from '../../ports/metadata-store.js'
import type { MigrationMode } from './migration-mode.js'
import type { Migration } from './migrations/migration.js'
import type { SchemaState } from './migrations/missing.js'
import { migratePostgres, migrationState, postgresMigrations } from './migrations/postgres.js'
import { isSchemaName, POSTGRES_RULE, parsePostgresAddress, type SslMode } from './postgres-address.js'
import { createDatabase } from './postgres-create.js'
import { postgresQueries } from './postgres-dialect.js'
import { PostgresEngine } from './postgres-engine.js'
import { type PostgresPlace, toPostgresError } from './postgres-errors.js'
import { openPool, type PoolOptions } from './postgres-pool.js'
import { writersOf } from './postgres-writers.js'
import { sqlMetadataStore } from './sql-metadata-store.js'

/** What is given here counts before what the address says. */
export interface PostgresOptions {
  /** `postgres://user@host:5432/database?sslmode=verify-full`. */
  readonly url: string
  readonly ssl?: SslMode
  /** The schema that holds the tables, made where it is missing; the first one of the user's `search_path` by default. */
  readonly schema?: string
  /** How many connections there are at most; 10 by default. */
  readonly poolSize?: number
  /** How long one statement may take; 30 s by default. */
  readonly statementTimeoutMs?: number
  /** How long to wait for a row that somebody else is changing; 10 s by default. */
  readonly lockTimeoutMs?: number
  /** How long to wait for a connection; 10 s by default. */
  readonly connectTimeoutMs?: number
  /** `auto` by default: the tables are brought up to date when the database is opened. */
  readonly migrations?: MigrationMode
  /** A clock other than the database's, for tests: milliseconds since 1970. */
  readonly now?: () => number
}

/** A process that pauses in the middle of a transaction holds up others for no longer than this. */
const IDLE_IN_TRANSACTION_MS = 60_000

/**
 * Opens the registry's database on Postgres 12 or newer, bringing its tables up to date. No state is kept in a session,
 * so the address may be that of a pooler in transaction mode, such as PgBouncer or Supavisor.
 *
 * Times and leases are by the database's clock, so that servers need not agree on theirs.
 *
 * @throws DatabaseError with the cause, such as `connection-refused`, `authentication-failed`, `schema-newer` or
 * `schema-older`.
 */
export async function openPostgresMetadataStore(options: PostgresOptions): Promise<MetadataStore> {
  const settings = settingsOf(options)
  const { schema, statementTimeoutMs, lockTimeoutMs, migrations: mode = 'auto' } = settings
  const place = placeOf(settings)
  try {
    const pool = await openPool(settings)
    try {
      await migratePostgres(pool, { schema, place, mode }, options.now?.() ?? Date.now())
    } catch (error) {
      await pool.end()
      throw error
    }
    const engine = new PostgresEngine({
      queries: postgresQueries(options.now === undefined ? 'database' : 'given'),
      pool,
      place,
      settings: [
        ...(schema === undefined ? [] : [`set local search_path = "${schema}"`]),
        `set local statement_timeout = ${statementTimeoutMs}`,
        `set local lock_timeout = ${lockTimeoutMs}`,
        `set local idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`,
      ],
      schemaNumber: postgresMigrations().at(-1)?.number ?? 0,
      now: options.now ?? Date.now,
    })
    return sqlMetadataStore(engine)
  } catch (error) {
    throw toPostgresError(error, 'open', place)
  }
}

/** How far the tables are; changes nothing. @throws DatabaseError */
export function postgresSchema(options: PostgresOptions): Promise<SchemaState> {
  return onPool(options, migrationState)
}

/**
 * Brings the tables up to date.
 *
 * @returns the migrations that were applied here, and not by others meanwhile.
 * @throws DatabaseError with reason `table-missing` where nothing is to be run and a table was dropped.
 */
export function migratePostgresTables(options: PostgresOptions): Promise<readonly Migration[]> {
  return onPool(options, async (pool, where) => {
    const ran = await migratePostgres(pool, where, options.now?.() ?? Date.now())
    if (ran.length === 0) await migrationState(pool, where)
    return ran
  })
}

/** Names the transactions that hold what they have changed in the tables. Changes nothing. @throws DatabaseError */
export function postgresWriters(options: PostgresOptions): Promise<readonly string[]> {
  return onPool(options, writersOf)
}

/** Makes the database that the address names. @returns whether it was not there. @throws DatabaseError */
export async function createPostgresDatabase(options: PostgresOptions): Promise<boolean> {
  const settings = settingsOf(options)
  const { database, user } = settings
  // As the driver does: https://node-postgres.com/features/connecting
  const name = database ?? process.env.PGDATABASE ?? user ?? process.env.PGUSER
  if (name === undefined) throw refuse('db', 'an address without a database', POSTGRES_RULE, 'The database')
  try {
    return await createDatabase(settings, name)
  } catch (error) {
    throw toPostgresError(error, 'create', placeOf(settings))
  }
}

async function onPool<T>(
  options: PostgresOptions,
  work: (pool: Pool, where: { schema: string | undefined; place: PostgresPlace }) => Promise<T>,
): Promise<T> {
  const settings = settingsOf(options)
  const place = placeOf(settings)
  try {
    const pool = await openPool({ ...settings, poolSize: 1 })
    try {
      return await work(pool, { schema: settings.schema, place })
    } finally {
      await pool.end()
    }
  } catch (error) {
    throw toPostgresError(error, 'open', place)
  }
}

type Settings = PoolOptions & { readonly lockTimeoutMs: number; readonly migrations?: MigrationMode }

/** What an address and the options beside it come to. @throws ModelValidationError when they are none. */
function settingsOf(options: PostgresOptions): Settings {
  const { url, ssl, now: _, ...given } = options
  const address = parsePostgresAddress(url)
  // Not shown as it is, since a password may be in it.
  if (address === undefined) throw refuse('db', 'another text', POSTGRES_RULE, 'The database')
  if (given.schema !== undefined && !isSchemaName(given.schema))
    throw refuse('schema', given.schema, 'lower-case letters, digits and underscores', 'The database')
  return {
    poolSize: 10,
    statementTimeoutMs: 30_000,
    lockTimeoutMs: 10_000,
    connectTimeoutMs: 10_000,
    ...address,
    ...given,
    ...(ssl === undefined ? {} : { sslMode: ssl }),
  }
}

/** Where the database is, for errors. */
function placeOf({ host, port, database, user }: PoolOptions): PostgresPlace {
  return {
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(database === undefined ? {} : { database }),
    ...(user === undefined ? {} : { role: user }),
  }
}
