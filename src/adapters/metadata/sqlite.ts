import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { MetadataStore } from '../../ports/metadata-store.js'
import { makeFolderAndParents } from '../make-folder-and-parents.js'
import type { MigrationMode } from './migration-mode.js'
import type { Migration } from './migrations/migration.js'
import { compareSchema, missingOf, type SchemaState } from './migrations/missing.js'
import {
  appliedMigrations,
  applyMigration,
  missingMigrations,
  sqliteMigrations,
} from './migrations/sqlite.js'
import { withPatience } from './patience.js'
import { sqlMetadataStore } from './sql-metadata-store.js'
import { SqliteConnection } from './sqlite-connection.js'
import { sqliteQueries } from './sqlite-dialect.js'
import { SqliteEngine } from './sqlite-engine.js'
import { isBusy, toOpenError } from './sqlite-errors.js'

export interface SqliteOptions {
  /** The database file. It is created with its folder where it does not exist. */
  readonly path: string
  /** The clock that leases and times are taken from, in milliseconds since 1970. */
  readonly now?: () => number
  /**
   * `full` (default): what was acknowledged survives a loss of power. `none`: it survives the end of the process only,
   * and a loss of power can damage the file; for measuring what durability costs.
   */
  readonly durability?: 'full' | 'none'
  /**
   * `wal` by default, where the SQLite in use has it sound. `delete` is for file systems without shared memory, such
   * as a network's: https://www.sqlite.org/wal.html
   */
  readonly journal?: 'wal' | 'delete'
  /** How long a call waits for others that keep the file locked before it fails as `sqlite-busy`; 60 s by default. */
  readonly patienceMs?: number
  /** `auto` by default: the tables are brought up to date when the database is opened. */
  readonly migrations?: MigrationMode
}

const PATIENCE_MS = 60_000

/**
 * Opens the registry's database on SQLite, bringing its tables up to date.
 *
 *     <path>          the database
 *     <path>-wal      what was committed and is not in the database yet; belongs to it, as does
 *     <path>-shm      an index of the log that the processes share
 *     <path>-copy-*   what an export without a log reads, for as long as it does; safe to delete afterwards
 *
 * @throws DatabaseError with the cause, such as `sqlite-cannot-open`, `sqlite-not-a-database`, `schema-newer` or
 * `schema-older`.
 */
export async function openSqliteMetadataStore(options: SqliteOptions): Promise<MetadataStore> {
  const path = resolve(options.path)
  const now = options.now ?? Date.now
  const patienceMs = options.patienceMs ?? PATIENCE_MS
  const opened: DatabaseSync[] = []
  if (options.migrations === 'check') await checkSchema(path)
  try {
    const { DatabaseSync } = await import('node:sqlite')
    const made = await makeFolderAndParents(dirname(path))
    const connect = () => {
      // No time-out: SQLite would wait inside the call and hold up the whole process. The engine waits between calls.
      const database = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true })
      opened.push(database)
      return database
    }
    const writer = connect()
    await bringUpToDate(writer, { ...options, path, patienceMs, now, made })
    const reader = connect()
    reader.exec('pragma query_only = on')
    const engine = new SqliteEngine({
      path,
      queries: sqliteQueries(),
      reader: new SqliteConnection(reader, now),
      writer: new SqliteConnection(writer, now),
      connect: (file) => new SqliteConnection(new DatabaseSync(file, { timeout: 0 }), now),
      patienceMs,
      durability: options.durability ?? 'full',
    })
    return sqlMetadataStore(engine)
  } catch (error) {
    for (const database of opened) database.close()
    throw toOpenError(error, 'open', path)
  }
}

/**
 * How long the log grows, in pages of 4 KiB, before it is moved into the database. A page that was written several times
 * until then is moved once, and both files are synced. Four times SQLite's own: a fifth less is written, for a log of
 * 16 MB.
 */
const LOG_PAGES = 4_000

/** @returns the migrations that were applied. */
async function bringUpToDate(
  writer: DatabaseSync,
  {
    made,
    path,
    patienceMs,
    now,
    ...options
  }: SqliteOptions &
    Required<Pick<SqliteOptions, 'patienceMs' | 'now'>> & {
      /** The topmost folder that was made for the file, if one was. */
      readonly made: string | undefined
    },
): Promise<readonly Migration[]> {
  await withPatience(() => prepareFile(writer, options), isBusy, patienceMs)
  const migrated = await withPatience(() => migrate(writer, path, now()), isBusy, patienceMs)
  if (migrated.length > 0) await syncFolders(dirname(path), made)
  return migrated
}

/** Brings the tables up to date. @returns the migrations that were applied here, and not by others meanwhile. */
export async function migrateSqlite({
  path: given,
}: Pick<SqliteOptions, 'path'>): Promise<readonly Migration[]> {
  const path = resolve(given)
  let database: DatabaseSync | undefined
  try {
    const { DatabaseSync } = await import('node:sqlite')
    const made = await makeFolderAndParents(dirname(path))
    const writer = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true })
    database = writer
    return await bringUpToDate(writer, { path, patienceMs: PATIENCE_MS, now: Date.now, made })
  } catch (error) {
    throw toOpenError(error, 'open', path)
  } finally {
    database?.close()
  }
}

/** How far the tables are; changes nothing, and makes no file. @throws DatabaseError */
export async function sqliteSchema({ path }: Pick<SqliteOptions, 'path'>): Promise<SchemaState> {
  const known = sqliteMigrations()
  if (!existsSync(path)) return { applied: [], missing: known, newer: [] }
  let database: DatabaseSync | undefined
  try {
    const { DatabaseSync } = await import('node:sqlite')
    database = new DatabaseSync(path, { readOnly: true })
    return compareSchema(known, appliedMigrations(database), { localPath: path })
  } catch (error) {
    throw toOpenError(error, 'open', path)
  } finally {
    database?.close()
  }
}

/** @throws DatabaseError when the tables are not those of this program. */
async function checkSchema(path: string): Promise<void> {
  const { applied, newer } = await sqliteSchema({ path })
  missingOf(sqliteMigrations(), [...applied, ...newer], { localPath: path }, 'check')
}

function prepareFile(database: DatabaseSync, { durability, journal }: Omit<SqliteOptions, 'path'>): void {
  const row = database.prepare('select sqlite_version() as version').get()
  const mode = journal ?? (hasSoundWal(String(row?.version)) ? 'wal' : 'delete')
  database.exec(`pragma journal_mode = ${mode}`)
  database.exec(`pragma synchronous = ${durability === 'none' ? 'off' : 'full'}`)
  database.exec(`pragma wal_autocheckpoint = ${LOG_PAGES}`)
}

/**
 * SQLite before 3.51.3 can damage a database when the log is reset while another connection checkpoints.
 * https://www.sqlite.org/wal.html
 */
export function hasSoundWal(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  return major > 3 || (major === 3 && (minor > 51 || (minor === 51 && patch >= 3)))
}

/** @returns what was applied. */
function migrate(database: DatabaseSync, path: string, now: number): readonly Migration[] {
  const known = sqliteMigrations()
  // Most often there is nothing to do, and then no lock is taken.
  if (missingMigrations(database, known, path).length === 0) return []
  database.exec('begin immediate')
  try {
    // Asked again under the lock: another process may have been first.
    const missing = missingMigrations(database, known, path)
    for (const migration of missing) applyMigration(database, migration, now)
    database.exec('commit')
    return missing
  } catch (error) {
    if (database.isTransaction) database.exec('rollback')
    throw error
  }
}

/** Makes the new file's name durable, and those of the folders that were made for it. */
async function syncFolders(folder: string, firstMade: string | undefined): Promise<void> {
  const last = firstMade === undefined ? folder : dirname(firstMade)
  for (let current = folder; ; current = dirname(current)) {
    const handle = await open(current, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (current === last || current === dirname(current)) return
  }
}
