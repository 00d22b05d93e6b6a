import { afterAll, beforeAll } from 'vitest'
import { openSupabaseMetadataStore } from '../../src/adapters/metadata/supabase.js'
import { manualClock } from '../../src/adapters/metadata/testing/manual-clock.js'
import { metadataStoreContract } from '../../src/ports/metadata-store.contract.js'
import { freshProject, type Project } from '../support/supabase/project.js'
import { emptySchema } from '../support/supabase/schemas.js'

// A test opens up to three stores at once. Emptying a project takes less time than making one.
const projects: Project[] = []
const removals: (() => Promise<void>)[] = []

beforeAll(async () => {
  for (let i = 0; i < 4; i++) projects.push(await freshProject('migrated', (remove) => removals.push(remove)))
})
afterAll(async () => {
  for (const remove of removals) await remove()
})

metadataStoreContract('supabase, over HTTP to a stand-in for PostgREST in front of Postgres', async () => {
  const project = projects.shift()
  if (project === undefined) throw new TypeError('there are no projects')
  projects.push(project)
  const { url, serviceRoleKey, databaseUrl } = project
  await emptySchema(databaseUrl, 'public')
  const clock = manualClock()
  return { store: await openSupabaseMetadataStore({ url, serviceRoleKey, now: clock.now }), clock }
})
