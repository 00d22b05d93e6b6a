import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngine } from '../compose.js'
import { loadConfig } from '../config.js'
import type { ModelFile } from '../domain/model-record.js'
import { registryContract } from '../registry/registry.contract.js'
import { createServer } from '../server/create-server.js'
import { connectRegistry } from './index.js'

registryContract('over HTTP', async (settings) => {
  const home = await mkdtemp(join(tmpdir(), 'modelry-client-'))
  const { config } = await loadConfig({ program: { home, ...settings }, env: {}, cwd: home })
  const engine = await openEngine(config)
  const server = await createServer(engine, { port: 0, logLevel: 'silent', graceMs: 1_000 })
  const { url } = await server.listen()
  const registry = connectRegistry({ url })
  const placeOf = (file: ModelFile) => join(home, 'artifacts', file.address.slice('s3://'.length))
  return {
    registry,
    async damage(file) {
      const handle = await open(placeOf(file), 'r+')
      const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, 0)
      await handle.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, 0)
      await handle.close()
    },
    remove: (file) => rm(placeOf(file)),
    async close() {
      await registry.close()
      await server.close()
      await engine.registry.close()
      await rm(home, { recursive: true, force: true })
    },
  }
})
