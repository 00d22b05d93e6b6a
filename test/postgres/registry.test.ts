import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createModelRegistry } from '../../src/index.js'
import { metadata } from '../../src/registry/testing/registry-fixture.js'
import { freshDatabase } from '../support/postgres/fresh-database.js'
import { temporaryFolder } from '../support/temporary-folder.js'

it('is one registry for all who have its address and its files', async () => {
  const db = `${await freshDatabase()}&schema=registry&pool=2`
  const store = `file:${join(await temporaryFolder(), 'files')}`
  const open = async () => {
    const registry = await createModelRegistry({ home: await temporaryFolder(), db, store })
    onTestFinished(() => registry.close())
    return registry
  }
  const [one, other] = [await open(), await open()]
  const saved = await one.saveModel({ weights: [1, 2, 3] }, metadata)
  expect(await other.getModel(saved.modelId, saved.version)).toEqual(saved)
  await expect(other.saveModel({ weights: [4] }, metadata)).rejects.toMatchObject({ code: 'DUPLICATE_MODEL' })
  await other.deployModel(saved.modelId, saved.version, { environment: 'production' })
  expect((await one.getActiveModel(saved.modelId, 'production'))?.version).toBe(saved.version)
  const loaded = await one.loadModel(saved.modelId, saved.version)
  expect((await loaded.bytes()).length).toBe(saved.size)
})
