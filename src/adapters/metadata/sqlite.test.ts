import { join } from 'node:path'
import { metadataStoreContract } from '../../ports/metadata-store.contract.js'
import { openSqliteMetadataStore } from './sqlite.js'
import { manualClock, temporaryFolder } from './temporary-database.testing.js'

for (const journal of ['wal', 'delete'] as const)
  metadataStoreContract(`sqlite, journal ${journal}`, async () => {
    const clock = manualClock()
    const path = join(await temporaryFolder(), 'registry.db')
    return { store: await openSqliteMetadataStore({ path, journal, durability: 'none', now: clock.now }), clock }
  })
