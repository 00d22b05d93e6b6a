import { openPostgresMetadataStore } from '../../src/adapters/metadata/postgres.js'
import { manualClock } from '../../src/adapters/metadata/testing/manual-clock.js'
import { metadataStoreContract } from '../../src/ports/metadata-store.contract.js'
import { freshDatabase } from '../support/postgres/fresh-database.js'

metadataStoreContract('postgres', async () => {
  const clock = manualClock()
  return {
    store: await openPostgresMetadataStore({ url: await freshDatabase(), now: clock.now, poolSize: 4 }),
    clock,
  }
})
