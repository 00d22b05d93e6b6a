import { onTestFinished } from 'vitest'
import { openEngine } from '../compose.js'
import { loadConfig } from '../config.js'
import { createServer } from '../server/create-server.js'

/** Serves the registry of a home folder until the test ends. @returns the server's address. */
export async function serving(home: string): Promise<string> {
  const { config } = await loadConfig({ flags: { home }, env: {}, cwd: home })
  const engine = await openEngine(config)
  const server = await createServer(engine, { port: 0, logLevel: 'silent', log: { write: () => {} } })
  onTestFinished(async () => {
    await server.close()
    await engine.registry.close()
  })
  return (await server.listen()).url
}
