import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { FsArtifactStore } from '../../src/adapters/artifacts/fs.js'
import { openPostgresMetadataStore } from '../../src/adapters/metadata/postgres.js'
import { failureOf } from '../../src/ports/testing/metadata/metadata-subject.js'
import { createEngine } from '../../src/registry/create-engine.js'
import { RegistryEvents } from '../../src/registry/registry-events.js'
import { engineWith } from '../../src/registry/testing/engine-with.js'
import { metadata } from '../../src/registry/testing/registry-fixture.js'
import { everythingOf, fillRegistry, folderPlace } from '../../src/registry/testing/transfer-fixture.js'
import { freshDatabase } from '../support/postgres/fresh-database.js'
import { temporaryFolder } from '../support/temporary-folder.js'

async function engineOnPostgres() {
  const metadata = await openPostgresMetadataStore({ url: await freshDatabase(), poolSize: 4 })
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

it('a registry moves from SQLite to Postgres and back, and answers the same', async () => {
  const sqlite = await engineWith()
  await fillRegistry(sqlite)
  const everything = await everythingOf(sqlite.registry)
  const there = await folderPlace()
  await sqlite.exportTo(there)

  const postgres = await engineOnPostgres()
  expect(await postgres.importFrom(there)).toMatchObject({ names: { imported: 4, renumbered: 0 } })
  expect(await everythingOf(postgres.registry)).toEqual(everything)
  expect(await postgres.importFrom(there)).toMatchObject({ names: { imported: 0, present: 4 } })
  expect(await postgres.metadata.listTokens()).toEqual(await sqlite.metadata.listTokens())

  const back = await folderPlace()
  await postgres.exportTo(back)
  const again = await engineWith()
  await again.importFrom(back)
  expect(await everythingOf(again.registry)).toEqual(everything)

  const next = await postgres.registry.saveModel({ next: true }, { ...metadata, version: '9.0.0' })
  expect(next.number).toBe(3)
  await postgres.registry.deployModel('btc-lstm', '9.0.0', { environment: 'production' })
})

it('a model that is there with other content is refused on Postgres, and nothing is imported', async () => {
  const sqlite = await engineWith()
  await fillRegistry(sqlite)
  const place = await folderPlace()
  await sqlite.exportTo(place)
  const postgres = await engineOnPostgres()
  await postgres.registry.saveModel({ other: true }, { ...metadata, modelId: 'eth-lstm' })
  expect(await failureOf(postgres.importFrom(place))).toMatchObject({ code: 'DUPLICATE_MODEL' })
  expect(await postgres.registry.listModels()).toHaveLength(1)
})
