import { vi } from 'vitest'
import { connect } from '../../test/support/postgres/connect.js'
import type { Project } from '../../test/support/supabase/project.js'
import { failureOf, opened, type Provocation, type Provoked, save } from './provocation.testing.js'

/** Needs a Postgres with the roles of Supabase: test/supabase/provocations.test.ts runs it on one, behind a stand-in. */
export interface SupabaseProvocation extends Pick<Provocation, 'code' | 'cause' | 'how'> {
  /** Whether the project has its tables. */
  readonly in: 'migrated' | 'empty'
  readonly provoke: (project: Project) => Promise<Provoked>
}

/** Opens the registry that the environment names. */
function registryIn({ url, serviceRoleKey }: Project, key = serviceRoleKey) {
  vi.stubEnv('SUPABASE_URL', url)
  vi.stubEnv('SUPABASE_SERVICE_ROLE_KEY', key)
  return opened({ db: 'supabase' })
}

async function run({ databaseUrl }: Project, sql: string): Promise<void> {
  const client = await connect(databaseUrl)
  await client.query(sql)
  await client.end()
}

const opening = (
  cause: string,
  how: string,
  prepare: (project: Project) => Promise<string | undefined> | string | undefined,
): SupabaseProvocation => ({
  code: 'DATABASE_ERROR',
  cause,
  how,
  in: 'migrated',
  provoke: async (project) => failureOf(registryIn(project, await prepare(project))),
})

export const supabaseProvocations: readonly SupabaseProvocation[] = [
  opening('api-key-invalid', 'a key of another project', ({ serviceRoleKey }) => {
    const [head, claims] = serviceRoleKey.split('.')
    return `${head}.${claims}.${'A'.repeat(43)}`
  }),
  opening('jwt-expired', 'a key whose time is over', (project) => project.key('service_role', -1)),
  opening('schema-older', 'tables of an earlier version', async (project) => {
    await run(project, 'delete from schema_migrations where number > 4')
    return undefined
  }),
  opening('postgrest-refused', 'a schema that the API does not expose', (project) => {
    project.exposed = ['api']
    return undefined
  }),
  {
    code: 'DATABASE_ERROR',
    cause: 'row-level-security',
    how: 'a key whose role was given the tables, and not their rows',
    in: 'migrated',
    provoke: async (project) => {
      await run(
        project,
        `grant select, insert, update, delete on all tables in schema public to authenticated;
         grant usage on all sequences in schema public to authenticated;
         grant execute on all functions in schema public to authenticated;
         create policy everybody on schema_migrations for select to authenticated using (true)`,
      )
      return failureOf(save(await registryIn(project, project.key('authenticated'))))
    },
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'schema-cache-stale',
    how: 'a project without the migrations',
    in: 'empty',
    provoke: (project) => failureOf(registryIn(project)),
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'project-paused',
    how: 'a project that is paused while it is used',
    in: 'migrated',
    provoke: async (project) => {
      const { registry } = await registryIn(project)
      project.faults = () => ({ is: 'answer', status: 540, body: 'Project paused' })
      return failureOf(save({ registry }))
    },
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'function-missing',
    how: 'a function that was removed, of which PostgREST does not know',
    in: 'migrated',
    provoke: async (project) => {
      const opened = await registryIn(project)
      await run(project, 'drop function modelry_change(json)')
      return failureOf(save(opened))
    },
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'database-unreachable',
    how: 'a gateway that does not reach the database',
    in: 'migrated',
    provoke: async (project) => {
      const opened = await registryIn(project)
      project.faults = () => ({ is: 'answer', status: 503, body: { message: 'no upstream' } })
      return failureOf(save(opened))
    },
  },
]
