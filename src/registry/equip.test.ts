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
})
