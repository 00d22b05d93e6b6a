import type { DatabaseSync } from 'node:sqlite'
import { packageVersion } from '../../../package-version.js'
import { type Migration, readMigration } from './migration.js'
import { type Applied, missingOf } from './missing.js'

export function sqliteMigrations(): Migration[] {
  return [
    'sqlite/0001-registry.sql',
    'sqlite/0002-approvals.sql',
    'sqlite/0003-pending.sql',
    'sqlite/0004-breaker.sql',
    'sqlite/0005-fewer-pages.sql',
    'sqlite/0006-recent-tags.sql',
    'sqlite/0007-written-objects.sql',
  ].map(readMigration)
}

/**
 * The migrations that `database` does not have yet.
 *
 * @throws DatabaseError as `missingOf` does.
 */
export function missingMigrations(
  database: DatabaseSync,
  known: readonly Migration[],
  localPath: string,
): readonly Migration[] {
  return missingOf(known, appliedMigrations(database), { localPath })
}

/** Applies one migration and records it. The caller holds the write lock. */
export function applyMigration(database: DatabaseSync, migration: Migration, now: number): void {
  database.exec(`create table if not exists schema_migrations (
    number integer primary key, name text not null, checksum text not null, applied_at integer not null,
    program text
  ) strict`)
  // The first databases did not have it.
  if (
    database.prepare("select 1 from pragma_table_info('schema_migrations') where name = 'program'").get() ===
    undefined
  )
    database.exec('alter table schema_migrations add column program text')
  database.exec(migration.sql)
  database
    .prepare(
      'insert into schema_migrations (number, name, checksum, applied_at, program) values (?, ?, ?, ?, ?)',
    )
    .run(migration.number, migration.name, migration.checksum, now, packageVersion())
}

export function appliedMigrations(database: DatabaseSync): Applied[] {
  const table = database.prepare("select 1 from sqlite_schema where name = 'schema_migrations'").get()
  if (table === undefined) return []
  const rows = database.prepare('select * from schema_migrations order by number').all()
  return rows.map(({ number, name, checksum, program }) => ({
    number: Number(number),
    name: String(name),
    checksum: String(checksum),
    ...(typeof program === 'string' ? { program } : {}),
  }))
}
