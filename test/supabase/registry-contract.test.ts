import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, vi } from 'vitest'
import { splitS3Address } from '../../src/domain/s3-address.js'
import { createModelRegistry } from '../../src/index.js'
import { registryContract } from '../../src/registry/registry.contract.js'
import { emptiedProjects } from '../support/supabase/emptied.js'
import { temporaryFolder } from '../support/temporary-folder.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

const project = emptiedProjects()

registryContract('with its metadata on Supabase, over HTTP', async (settings) => {
  const home = await temporaryFolder()
  const { url, serviceRoleKey } = await project()
  vi.stubEnv('SUPABASE_URL', url)
  vi.stubEnv('SUPABASE_SERVICE_ROLE_KEY', serviceRoleKey)
  const registry = await createModelRegistry({ home, db: 'supabase', ...settings })
  const pathOf = (file: { address: Parameters<typeof splitS3Address>[0] }) => {
    const { bucket, key } = splitS3Address(file.address)
    return join(home, 'artifacts', bucket, key)
  }
  return {
    registry,
    async damage(file) {
      const bytes = await readFile(pathOf(file))
      bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0)
      await writeFile(pathOf(file), bytes)
    },
    remove: (file) => rm(pathOf(file)),
    close: () => registry.close(),
  }
})
