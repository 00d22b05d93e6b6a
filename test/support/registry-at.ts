import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { FsArtifactStore } from '../../src/adapters/artifacts/fs.js'
import { openSqliteMetadataStore } from '../../src/adapters/metadata/sqlite.js'
import { createEngine } from '../../src/registry/create-engine.js'
import type { Registry } from '../../src/registry/registry.js'
import { RegistryEvents } from '../../src/registry/registry-events.js'

/** The registry of `home` as it will be `laterMs` from the present: every lease of a process that died has ended. */
export async function registryAt(home: string, laterMs: number): Promise<Registry> {
  const now = () => Date.now() + laterMs
  const { registry } = createEngine({
    artifacts: new FsArtifactStore({ root: join(home, 'artifacts') }),
    metadata: await openSqliteMetadataStore({ path: join(home, 'registry.db'), now }),
    events: new RegistryEvents(),
    environments: {},
    actor: 'checker',
    holder: `checker:${process.pid}`,
    bucket: 'models',
    saveLeaseMs: 60_000,
    lockLeaseMs: 60_000,
    newId: randomUUID,
    now: () => new Date(now()),
  })
  return registry
}
