import type { FixStores } from '../errors/fix.js'
import type { ArtifactStore } from '../ports/artifact-store.js'
import type { MetadataStore } from '../ports/metadata-store.js'

/**
 * The stores of a registry that could not be opened, for the repair of what kept it from that: each piece of work opens
 * the database for itself.
 *
 * @param failure - thrown for whatever else is asked of a store.
 */
export function unopenedStores(
  failure: unknown,
  open: () => Promise<MetadataStore>,
): Pick<FixStores, 'artifacts' | 'metadata' | 'onDatabase'> {
  return {
    get artifacts(): ArtifactStore {
      throw failure
    },
    get metadata(): MetadataStore {
      throw failure
    },
    async onDatabase(work) {
      const metadata = await open()
      try {
        return await work(metadata)
      } finally {
        await metadata.close()
      }
    },
  }
}
