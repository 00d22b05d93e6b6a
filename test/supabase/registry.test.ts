import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { FsArtifactStore } from '../../src/adapters/artifacts/fs.js'
import { openSupabaseMetadataStore } from '../../src/adapters/metadata/supabase.js'
import { createModelRegistry } from '../../src/index.js'
import { createEngine } from '../../src/registry/create-engine.js'
import { RegistryEvents } from '../../src/registry/registry-events.js'
import { engineWith } from '../../src/registry/testing/engine-with.js'
import { metadata } from '../../src/registry/testing/registry-fixture.js'
import { everythingOf, fillRegistry, folderPlace } from '../../src/registry/testing/transfer-fixture.js'
import { freshProject } from '../support/supabase/project.js'
import { temporaryFolder } from '../support/temporary-folder.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

async function engineOnSupabase() {
  const { url, serviceRoleKey } = await freshProject()
  const metadata = await openSupabaseMetadataStore({ url, serviceRoleKey })
  const engine = createEngine({
    artifacts: new FsArtifactStore({ root: join(await temporaryFolder(), 'artifacts') }),
    metadata,
    events: new RegistryEvents(),
    environments: {},
    closeGraceMs: 1000,
    actor: 'tester',
    holder: 'here:1',
    bucket: 'models',
    saveLeaseMs: 60_000,
    lockLeaseMs: 60_000,
    newId: randomUUID,
    now: () => new Date(),
  })
  onTestFinished(() => engine.registry.close())
  return { ...engine, metadata }
}

it('a program opens the registry of the project that the environment names', async () => {
  const { url, serviceRoleKey, requests } = await freshProject()
  vi.stubEnv('SUPABASE_URL', url)
  vi.stubEnv('SUPABASE_SERVICE_ROLE_KEY', serviceRoleKey)
  const registry = await createModelRegistry({ db: 'supabase', home: await temporaryFolder() })
  onTestFinished(() => registry.close())
  await registry.saveModel({ w: [1] }, { ...metadata, version: '1.0.0' })
  await registry.saveModel({ w: [2] }, { ...metadata, version: '2.0.0' })
  await registry.deployModel(metadata.modelId, '1.0.0', { environment: 'production' })
  await registry.deployModel(metadata.modelId, '2.0.0', { environment: 'production' })
  await registry.rollbackDeployment(metadata.modelId, 'production')
  expect(await registry.getModel(metadata.modelId, '1.0.0')).toMatchObject({
    deploymentStatus: 'active',
    environments: ['production'],
  })
  expect(await (await registry.loadModel(metadata.modelId, '2.0.0')).json()).toEqual({ w: [2] })
  expect(requests.get('rpc/modelry_change')).toBeGreaterThan(0)
})

it('a registry moves from SQLite to Supabase and back, and answers the same', async () => {
  const sqlite = await engineWith()
  await fillRegistry(sqlite)
  const everything = await everythingOf(sqlite.registry)
  const there = await folderPlace()
  await sqlite.exportTo(there)

  const supabase = await engineOnSupabase()
  expect(await supabase.importFrom(there)).toMatchObject({ names: { imported: 4, renumbered: 0 } })
  expect(await everythingOf(supabase.registry)).toEqual(everything)
  expect(await supabase.importFrom(there)).toMatchObject({ names: { imported: 0, present: 4 } })
  expect(await supabase.metadata.listTokens()).toEqual(await sqlite.metadata.listTokens())

  const back = await folderPlace()
  await supabase.exportTo(back)
  const again = await engineWith()
  await again.importFrom(back)
  expect(await everythingOf(again.registry)).toEqual(everything)

  const next = await supabase.registry.saveModel({ next: true }, { ...metadata, version: '9.0.0' })
  expect(next.number).toBe(3)
})
