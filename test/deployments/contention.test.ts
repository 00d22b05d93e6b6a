import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { contentionClauses } from './contention-clauses.js'

contentionClauses('SQLite', async (folder) => `sqlite:${join(folder, 'registry.db')}`)

/** The address of a Postgres database; each test makes a schema of its own in it. */
const postgres = process.env.MODELRY_DEPLOYMENTS_DB
if (postgres !== undefined)
  contentionClauses('Postgres', async () => {
    const url = new URL(postgres)
    url.searchParams.set('schema', `modelry_${randomBytes(6).toString('hex')}`)
    return url.href
  })
