import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import { createModelRegistry } from '../compose.js'
import { metadata } from './testing/registry-fixture.js'

describe('an error of a registry', () => {
  it('names the method that was called, not the step of it that the database was at', async () => {
    const home = await temporaryFolder()
    const registry = await createModelRegistry({ home })
    onTestFinished(() => registry.close())
    await registry.saveModel('weights', metadata)
    await rm(join(home, 'registry.db'))

    await expect(registry.saveModel('weights', { ...metadata, version: '2.0.0' })).rejects.toMatchObject({
      code: 'DATABASE_ERROR',
      context: { operation: 'saveModel' },
      message: expect.stringContaining('The database failed in saveModel'),
    })
    await expect(registry.setAlias(metadata.modelId, 'champion', metadata.version)).rejects.toMatchObject({
      code: 'DATABASE_ERROR',
      context: { operation: 'setAlias' },
    })
  })

  it('ends the reading of a loaded model when the registry is closed', async () => {
    const registry = await createModelRegistry({ home: await temporaryFolder() })
    await registry.saveModel('weights', metadata)
    const model = await registry.loadModel(metadata.modelId, metadata.version)
    const readers = Array.from({ length: 4 }, async () => {
      for (;;) await model.bytes()
    })
    await model.bytes()
    const ended = Promise.allSettled(readers)
    await registry.close()
    for (const reader of await ended)
      expect(reader).toMatchObject({
        status: 'rejected',
        reason: {
          code: 'DATABASE_ERROR',
          reason: { id: 'store-closed' },
          context: { operation: 'loadModel' },
        },
      })
  })
})
