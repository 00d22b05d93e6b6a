import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import { createModelRegistry } from '../compose.js'
import { splitS3Address } from '../domain/s3-address.js'
import { registryContract } from './registry.contract.js'

registryContract('in this process', async (settings) => {
  const home = await temporaryFolder()
  const registry = await createModelRegistry({ home, ...settings })
  const pathOf = (file: { address: Parameters<typeof splitS3Address>[0] }) => {
    const { bucket, key } = splitS3Address(file.address)
    return join(home, 'artifacts', bucket, key)
  }
  return {
    registry,
    async damage(file) {
      const handle = await open(pathOf(file), 'r+')
      const byte = new Uint8Array(1)
      await handle.read(byte, 0, 1, 0)
      await handle.write(
        byte.map((value) => value ^ 1),
        0,
        1,
        0,
      )
      await handle.close()
    },
    remove: (file) => rm(pathOf(file)),
    close: () => registry.close(),
  }
})
