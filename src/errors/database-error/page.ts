import { step } from '../cause.js'
import { definePage } from '../entry.js'

export const page = definePage({
  retry: { advice: 'after-fix' },
  troubleshooting: [
    step('See which database the registry uses.', { run: 'modelry config' }),
    step('On Postgres, see whether it answers.', { run: 'pg_isready -d "$MODELRY_DB"' }),
    step(
      'On Supabase, see that SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY are those of the project, and whether the service reports a fault.',
      {
        run: 'curl -sSI https://status.supabase.com',
      },
    ),
    step('Read the error underneath, in error.cause, and the log of the database around that moment.'),
  ],
  prevention: [
    'Give the pool of each server a share of max_connections, and leave some for people.',
    'Set a statement timeout and a lock timeout, so that one query cannot hold up the others.',
    'Change the tables by migrations alone.',
    'Keep backups, and try to restore one.',
  ],
  healsByItself:
    'Pools connect again by themselves once the database is back. What the database rolled back to end a deadlock or a conflict can be done again at once.',
  example: `import { DatabaseError, type Registry } from 'modelry'

/** The versions of a model, or undefined while the database is away. */
export async function versionsOrNothing(registry: Registry, modelId: string) {
  try {
    return await registry.getModelVersions(modelId)
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    console.error(error.getTroubleshootingGuide())
    return undefined
  }
}
`,
  relatedDocs: [
    {
      title: 'PostgreSQL: error codes',
      url: 'https://www.postgresql.org/docs/current/errcodes-appendix.html',
    },
    { title: 'SQLite: result codes', url: 'https://www.sqlite.org/rescode.html' },
    { title: 'PostgREST: errors', url: 'https://docs.postgrest.org/en/stable/references/errors.html' },
    { title: 'Supabase: status', url: 'https://status.supabase.com' },
  ],
})
