import type { Migration } from './migration.js'
import { postgresMigrations } from './postgres.js'

/** A file for `supabase db push`. */
export interface SupabaseMigration {
  readonly file: string
  readonly sql: string
}

/** What the names of the files begin with, so that they come in the order of the numbers. */
const DAY = 20260101

/**
 * The migrations for Postgres as files that the Supabase CLI runs. Each is recorded as a program would record it, so that
 * a registry which is opened by the Postgres address of the project finds nothing left to do.
 *
 * https://supabase.com/docs/guides/deployment/database-migrations
 */
export function supabaseMigrations(): SupabaseMigration[] {
  return postgresMigrations().map((migration) => ({ file: fileOf(migration), sql: sqlOf(migration) }))
}

function fileOf({ number, name }: Migration): string {
  return `${DAY}${String(number).padStart(6, '0')}_modelry_${name.replaceAll('-', '_')}.sql`
}

function sqlOf({ number, name, checksum, sql }: Migration): string {
  const record =
    number === 1
      ? `create table schema_migrations (
  number integer primary key, name text not null, checksum text not null, applied_at bigint not null
);

`
      : ''
  return `-- Made by \`npm run generate\` from src/adapters/metadata/migrations/postgres; not to be edited.

${record}${sql}
insert into schema_migrations (number, name, checksum, applied_at)
  values (${number}, '${name}', '${checksum}', (extract(epoch from now()) * 1000)::bigint);
`
}
