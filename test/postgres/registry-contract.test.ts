import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { splitS3Address } from '../../src/domain/s3-address.js'
import { createModelRegistry } from '../../src/index.js'
import { registryContract } from '../../src/registry/registry.contract.js'
import { emptiedDatabases } from '../support/postgres/emptied.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const emptied = emptiedDatabases()

registryContract('with its metadata in Postgres', async (settings) => {
  const home = await temporaryFolder()
  const registry = await createModelRegistry({ home, db: await emptied(), ...settings })
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
