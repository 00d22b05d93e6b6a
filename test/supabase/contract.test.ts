import { openSupabaseMetadataStore } from '../../src/adapters/metadata/supabase.js'
import { manualClock } from '../../src/adapters/metadata/testing/manual-clock.js'
import { metadataStoreContract } from '../../src/ports/metadata-store.contract.js'
import { emptiedProjects } from '../support/supabase/emptied.js'

const project = emptiedProjects()

metadataStoreContract('supabase, over HTTP to a stand-in for PostgREST in front of Postgres', async () => {
  const { url, serviceRoleKey } = await project()
  const clock = manualClock()
  return { store: await openSupabaseMetadataStore({ url, serviceRoleKey, now: clock.now }), clock }
})
