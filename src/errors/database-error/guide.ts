import { defineGuide } from '../entry.js'

export const guide = defineGuide({
  prevention: [
    'Give the pool of each server a share of max_connections, and leave some for people.',
    'Set a statement timeout and a lock timeout, so that one query cannot hold up the others.',
    'Change the tables by migrations alone.',
    'Keep backups, and try to restore one.',
  ],
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
