import { openSupabaseMetadataStore } from '../../src/adapters/metadata/supabase.js'
import { manualClock } from '../../src/adapters/metadata/testing/manual-clock.js'
import { metadataStoreContract } from '../../src/ports/metadata-store.contract.js'
import { freshProject } from '../support/supabase/project.js'

metadataStoreContract('supabase, over HTTP to a stand-in for PostgREST in front of Postgres', async () => {
  const clock = manualClock()
  const { url, serviceRoleKey } = await freshProject()
  return { store: await openSupabaseMetadataStore({ url, serviceRoleKey, now: clock.now }), clock }
})
