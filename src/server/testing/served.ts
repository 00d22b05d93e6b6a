import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.js'
import { openEngine } from '../../compose.js'
import { type ConfigFile, loadConfig } from '../../config.js'
import type { Engine } from '../../registry/engine.js'
import { createServer, type ModelryServer } from '../create-server.js'
import type { ServerOptions } from '../options.js'

export interface Served {
  readonly url: string
  readonly engine: Engine
  readonly server: ModelryServer
  /** Where the objects lie. */
  readonly artifacts: string
  /** What was logged, one JSON object a line. */
  readonly log: readonly string[]
}

/** A server on a port of its own over real stores in a folder of its own; all of it ends with the test. */
export async function served(options: ServerOptions = {}, program: ConfigFile = {}): Promise<Served> {
  const home = await temporaryFolder()
  const { config } = await loadConfig({ program: { home, ...program }, env: {}, cwd: home })
  const engine = await openEngine(config)
  const log: string[] = []
  const write = (line: string) => void log.push(line)
  const server = await createServer(engine, { port: 0, graceMs: 1_000, log: { write }, ...options })
  onTestFinished(async () => {
    await server.close()
    await engine.registry.close()
  })
  const { url } = await server.listen()
  return { url, engine, server, artifacts: join(home, 'artifacts'), log }
}
