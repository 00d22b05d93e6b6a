import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { openSqliteMetadataStore } from '../../../src/adapters/metadata/sqlite.js'
import type { ArtifactStore } from '../../../src/ports/artifact-store.js'
import { createEngine } from '../../../src/registry/create-engine.js'
import type { Engine } from '../../../src/registry/engine.js'
import { RegistryEvents } from '../../../src/registry/registry-events.js'
import { BUCKET } from './s3-server.js'

export const LEASE_MS = 60_000

/** An engine with its database in `home` and its files in `artifacts`, as it will be `laterMs` from the present. */
export async function engineOn(artifacts: ArtifactStore, home: string, laterMs = 0): Promise<Engine> {
  const now = () => Date.now() + laterMs
  return createEngine({
    artifacts,
    metadata: await openSqliteMetadataStore({ path: join(home, 'registry.db'), now }),
    events: new RegistryEvents(),
    environments: {},
    actor: 'tester',
    holder: `tester:${process.pid}`,
    bucket: BUCKET,
    saveLeaseMs: LEASE_MS,
    lockLeaseMs: LEASE_MS,
    newId: randomUUID,
    now: () => new Date(now()),
  })
}
