import type { ClientBase } from 'pg'
import type { ErrorContext } from '../../../errors/cause.js'
import { tableMissing } from '../../../errors/causes/postgres-schema.js'
import { schemaOlder } from '../../../errors/causes/sqlite.js'
import { DatabaseError } from '../../../errors/database-error/error.js'
import type { Migration } from './migration.js'

/** The table that every registry has since its first migration. */
const TABLE = 'trained_models'

type Place = Omit<ErrorContext, 'operation'>

/**
 * Whether migrations are recorded where the tables are.
 *
 * @throws DatabaseError with reason `table-missing` when there are the tables of a registry, and no record of them.
 */
export async function hasRecord(client: ClientBase, place: Place): Promise<boolean> {
  // Not to_regclass(): it may answer from a cache that has not heard of what others made while this one waited. Both
  // in one statement, since others may make both at this moment.
  const { rows } = await client.query<{ found: boolean; tables: boolean; schema: string | null }>(
    `select coalesce(bool_or(c.relname = 'schema_migrations'), false) as found,
        coalesce(bool_or(c.relname = $1 and n.nspname = current_schema()), false) as tables,
        current_schema() as schema
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relname in ('schema_migrations', $1) and n.nspname = any(current_schemas(false))`,
    [TABLE],
  )
  const { found = false, tables = false, schema = '' } = rows[0] ?? {}
  if (found || !tables) return found
  throw new DatabaseError(
    { operation: 'open', ...place, table: 'schema_migrations' },
    {
      reason: tableMissing,
      cause: new Error(
        `the schema ${schema} holds a registry's tables without the record of their migrations`,
      ),
    },
  )
}

/**
 * A schema that the database does not have is more often a typing error than a second registry where there is one.
 *
 * @param needs - the number of the last migration.
 * @throws DatabaseError with reason `schema-older` when another schema has a registry, and there is none called `schema`.
 */
export async function refuseUnknownSchema(
  client: ClientBase,
  { schema, place, needs }: { readonly schema: string; readonly place: Place; readonly needs: number },
): Promise<void> {
  const { rows } = await client.query<{ registries: string[] | null; known: boolean }>(
    `select array_agg(n.nspname::text order by n.nspname) as registries,
        exists (select 1 from pg_namespace where nspname = $2) as known
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relname = $1 and c.relkind in ('r', 'p')`,
    [TABLE, schema],
  )
  const { registries, known } = rows[0] ?? {}
  if (known || !registries) return
  throw new DatabaseError(
    {
      operation: 'open',
      ...place,
      expected: needs,
      actual: `0 (it has no schema ${schema}, and a registry in ${registries.join(', ')})`,
    },
    {
      reason: schemaOlder,
      cause: new Error(`correct schema=${schema} in the address, or have modelry db migrate make it`),
    },
  )
}

/**
 * Nothing but the tables themselves tells that one was dropped: its migration is recorded all the same.
 *
 * @param migrations - those that were run.
 * @throws DatabaseError with reason `table-missing` when a table that one of them made is not there.
 */
export async function refuseLostTables(
  client: ClientBase,
  migrations: readonly Migration[],
  place: Place,
): Promise<void> {
  const made = migrations.flatMap(({ sql }) => [...sql.matchAll(/^create table (\w+)/gm)])
  const { rows } = await client.query<{ name: string }>(
    `select name from unnest($1::text[]) as name where not exists (
      select from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relname = name and n.nspname = any(current_schemas(false)))`,
    [made.map(([, name]) => name)],
  )
  if (rows.length === 0) return
  const table = rows.map(({ name }) => name).join(', ')
  throw new DatabaseError({ operation: 'open', ...place, table }, { reason: tableMissing })
}
