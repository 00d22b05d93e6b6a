import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.js'
import { FsArtifactStore } from '../../adapters/artifacts/fs.js'
import { openSqliteMetadataStore } from '../../adapters/metadata/sqlite.js'
import type { Environments } from '../../domain/policy.js'
import type { ArtifactStore } from '../../ports/artifact-store.js'
import type { MetadataStore } from '../../ports/metadata-store.js'
import { createEngine } from '../create-engine.js'
import { RegistryEvents } from '../registry-events.js'

export const LEASE_MS = 60_000

/** Real stores, a clock that a test can move, and the chance to make single calls of a store fail. */
export async function engineWith(
  faults: {
    artifacts?: (real: ArtifactStore) => Partial<ArtifactStore>
    metadata?: (real: MetadataStore) => Partial<MetadataStore>
    environments?: Environments
    closeGraceMs?: number
    /** A folder that has a registry already. */
    home?: string
  } = {},
) {
  const home = faults.home ?? (await temporaryFolder())
  let laterMs = 0
  const now = () => Date.now() + laterMs
  const artifacts = new FsArtifactStore({ root: join(home, 'artifacts') })
  const metadata = await openSqliteMetadataStore({ path: join(home, 'registry.db'), now })
  const engine = createEngine({
    artifacts: overlaid(artifacts, faults.artifacts?.(artifacts)),
    metadata: overlaid(metadata, faults.metadata?.(metadata)),
    events: new RegistryEvents(),
    environments: faults.environments ?? {},
    closeGraceMs: faults.closeGraceMs ?? 10_000,
    actor: 'tester',
    holder: 'here:1',
    bucket: 'models',
    saveLeaseMs: LEASE_MS,
    lockLeaseMs: LEASE_MS,
    newId: randomUUID,
    now: () => new Date(now()),
  })
  onTestFinished(() => engine.registry.close())
  return {
    ...engine,
    artifacts,
    metadata,
    /** Moves the clock of the leases. */
    advance(ms: number) {
      laterMs += ms
    },
    async findings() {
      const found: string[] = []
      for await (const { is, address, at } of engine.registry.scan()) found.push(`${is} ${address ?? at}`)
      return found
    },
  }
}

/** `real` with some of its methods replaced; methods keep their `this`. */
function overlaid<T extends object>(real: T, replaced: Partial<T> = {}): T {
  return new Proxy(real, {
    get(target, name) {
      const source = Reflect.has(replaced, name) ? replaced : target
      const value: unknown = Reflect.get(source, name)
      return typeof value === 'function' ? value.bind(source) : value
    },
  })
}
