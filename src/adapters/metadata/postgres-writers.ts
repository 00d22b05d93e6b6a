import type { Pool } from 'pg'

/**
 * The transactions that hold locks for writing on tables of the registry, by names that no later transaction has for long.
 * Everybody may see these locks: https://www.postgresql.org/docs/current/view-pg-locks.html
 */
export async function writersOf(
  pool: Pool,
  { schema }: { readonly schema: string | undefined },
): Promise<readonly string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select distinct l.virtualtransaction as name
     from pg_locks l
       join pg_class c on c.oid = l.relation and c.relkind = 'r'
       join pg_namespace n on n.oid = c.relnamespace
     where l.database = (select oid from pg_database where datname = current_database())
       and n.nspname = any(case when $1::text is null then current_schemas(false) else array[$1::name] end)
       and l.granted and l.pid <> pg_backend_pid()
       and l.mode <> 'AccessShareLock'`,
    [schema ?? null],
  )
  return rows.map(({ name }) => name)
}
