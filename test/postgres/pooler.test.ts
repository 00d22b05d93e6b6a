import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createModelRegistry } from '../../src/index.js'
import { metadata } from '../../src/registry/testing/registry-fixture.js'
import { freshDatabase } from '../support/postgres/fresh-database.js'
import { transactionPooler } from '../support/postgres/pooler.js'
import { temporaryFolder } from '../support/temporary-folder.js'

it('a registry works behind a pooler in transaction mode, and leaves nothing in the connections', async () => {
  const pooler = await transactionPooler(await freshDatabase(), 3)
  const store = `file:${join(await temporaryFolder(), 'files')}`
  const open = async () => {
    const registry = await createModelRegistry({
      ...{ home: await temporaryFolder(), store, db: `${pooler.url}&pool=4` },
    })
    onTestFinished(() => registry.close())
    return registry
  }
  const registries = await Promise.all([open(), open(), open()])
  const versions = registries.map((_, index) => `${index + 1}.0.0`)
  await Promise.all(
    registries.flatMap((registry, index) =>
      ['btc-lstm', 'eth-lstm'].map(async (modelId) => {
        const version = `${index + 1}.0.0`
        const saved = await registry.saveModel({ version }, { ...metadata, modelId, version })
        await registry.deployModel(modelId, version, { environment: 'production', waitMs: 10_000 })
        await registry.updateMetadata(modelId, version, { description: modelId })
        const loaded = await registry.loadModel(modelId, version)
        expect((await loaded.bytes()).length).toBe(saved.size)
      }),
    ),
  )
  for (const registry of registries) {
    const found = await registry.getModelVersions('btc-lstm')
    expect(found.map(({ version }) => version).toSorted()).toEqual(versions)
    expect((await registry.listModels()).length).toBe(6)
    const history = await registry.listHistory({ modelId: 'btc-lstm' })
    expect(history.filter(({ action }) => action === 'deployed')).toHaveLength(3)
  }
  // More came than there are connections, and each carried transactions of several.
  expect(pooler.clients).toBeGreaterThan(3)
  for (const count of pooler.transactions) expect(count).toBeGreaterThan(5)
  expect(await pooler.leftovers()).toEqual([])
})
