import { onTestFinished } from 'vitest'
import { openEngine } from '../compose.js'
import { type ConfigFile, loadConfig } from '../config.js'
import type { Engine } from '../registry/engine.js'
import { createServer } from '../server/create-server.js'
import { lostStore } from '../server/testing/lost-store.js'

/** Serves the registry of a home folder until the test ends. @returns the server's address. */
export async function serving(home: string): Promise<string> {
  return (await served({ home })).url
}

/** The same, where the store is away and its circuit open. */
export async function servingLostStore(
  home: string,
  settings: Pick<ConfigFile, 'fallback'> = {},
): Promise<{ url: string; engine: Engine }> {
  const here = await served({ ...lostStore(), ...settings, home })
  for (let call = 0; call < 2; call++) await here.engine.registry.health()
  return here
}

async function served(program: ConfigFile & { home: string }): Promise<{ url: string; engine: Engine }> {
  const { config } = await loadConfig({ program, env: {}, cwd: program.home })
  const engine = await openEngine(config)
  const server = await createServer(engine, { port: 0, logLevel: 'silent', log: { write: () => {} } })
  onTestFinished(async () => {
    await server.close()
    await engine.registry.close()
  })
  return { engine, ...(await server.listen()) }
}
