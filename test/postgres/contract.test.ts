import { openPostgresMetadataStore } from '../../src/adapters/metadata/postgres.js'
import { manualClock } from '../../src/adapters/metadata/testing/manual-clock.js'
import { metadataStoreContract } from '../../src/ports/metadata-store.contract.js'
import { emptiedDatabases } from '../support/postgres/emptied.js'

const emptied = emptiedDatabases()

metadataStoreContract('postgres', async () => {
  const clock = manualClock()
  const url = await emptied()
  return { store: await openPostgresMetadataStore({ url, now: clock.now, poolSize: 4 }), clock }
})
