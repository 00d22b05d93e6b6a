import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import { S3UnavailableError } from '../errors/index.js'
import { connectRegistry } from './connect-registry.js'
import { answering, withJson } from './faulty-server.testing.js'

const file = {
  path: 'model.json',
  size: 1,
  sha256: 'a'.repeat(64),
  mediaType: 'text/plain',
  address: 's3://models/m',
  ownership: 'registry',
}
const record = {
  ...{ modelId: 'm', version: '1.0.0', number: 1, modelType: 'lstm', inputShape: [1], outputShape: [1] },
  ...{ s3Path: 's3://models/m', metrics: {}, tags: {}, files: [file], size: 1, digest: 'd' },
  ...{ aliases: [], environments: [], deploymentStatus: 'inactive' },
  ...{ createdAt: 't', createdBy: 'a', updatedAt: 't' },
}

async function asking(answer: unknown) {
  const { url } = await answering(withJson(200, answer))
  return connectRegistry({ url, retries: { attempts: 1 } })
}

describe('an answer of a server that is not to be trusted', () => {
  it.each(['../up', '/abs', 'a/../../up', 'win\\up', 'nul\0', '.', '', 'a'.repeat(300), 'con', 'esc\x1b[2J'])(
    'is refused with the path %j, before anything is written',
    async (path) => {
      const folder = await temporaryFolder()
      const registry = await asking({ ...record, files: [{ ...file, path }] })
      const loading = registry.loadModel('m', '1.0.0').then((model) => model.saveTo(join(folder, 'in')))
      await expect(loading).rejects.toBeInstanceOf(S3UnavailableError)
      expect(await readdir(folder)).toEqual([])
    },
  )

  it.each([{ modelId: '\x1b[2J' }, { version: '1.0.0\x1b[2J' }])(
    'is refused with the name in %j',
    async (names) => {
      const registry = await asking({ ...record, ...names })
      await expect(registry.getModel('m', '1.0.0', { verify: 'none' })).rejects.toThrow('is not as expected')
      const listing = await asking({ items: [{ ...record, ...names }] })
      await expect(listing.listModels()).rejects.toThrow('is not as expected')
    },
  )

  it('is taken with names that are names', async () => {
    const registry = await asking(record)
    expect(await registry.getModel('m', '1.0.0', { verify: 'none' })).toMatchObject({ files: [file] })
  })
})
