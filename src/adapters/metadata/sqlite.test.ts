import { join } from 'node:path'
import { temporaryFolder } from '../../../test/support/temporary-folder.js'
import { metadataStoreContract } from '../../ports/metadata-store.contract.js'
import { openSqliteMetadataStore } from './sqlite.js'
import { manualClock } from './testing/manual-clock.js'

for (const journal of ['wal', 'delete'] as const)
  metadataStoreContract(`sqlite, journal ${journal}`, async () => {
    const clock = manualClock()
    const path = join(await temporaryFolder(), 'registry.db')
    return {
      store: await openSqliteMetadataStore({ path, journal, durability: 'none', now: clock.now }),
      clock,
    }
  })
