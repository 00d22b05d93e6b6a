import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { AWS_CAPABILITIES } from '../../../src/adapters/artifacts/s3/capabilities.js'
import type { S3StoreOptions } from '../../../src/adapters/artifacts/s3/options.js'
import { openSqliteMetadataStore } from '../../../src/adapters/metadata/sqlite.js'
import { type ConnectOptions, connectRegistry } from '../../../src/client/connect-registry.js'
import type { ModelMetadata } from '../../../src/domain/metadata.js'
import { createEngine } from '../../../src/registry/create-engine.js'
import { RegistryEvents } from '../../../src/registry/registry-events.js'
import { createServer } from '../../../src/server/create-server.js'
import { temporaryFolder } from '../temporary-folder.js'
import { openStore } from './open-store.js'
import { BUCKET, type S3Server } from './s3-server.js'

const MIB = 1024 ** 2

/** Files above 8 MiB go in parts, of 5 MiB. */
const SMALL = {
  capabilities: AWS_CAPABILITIES,
  limits: { single: 8 * MIB },
  transfer: { partBytes: 5 * MIB },
} as const

/** A modelry server over a store in S3. */
export async function directServer(
  server: Pick<S3Server, 'endpoint'>,
  {
    saveLeaseMs = 60_000,
    store = {},
  }: { readonly saveLeaseMs?: number; readonly store?: Partial<S3StoreOptions> } = {},
) {
  const artifacts = openStore(server, { ...SMALL, ...store })
  const engine = createEngine({
    artifacts,
    metadata: await openSqliteMetadataStore({ path: join(await temporaryFolder(), 'registry.db') }),
    events: new RegistryEvents(),
    environments: {},
    actor: 'tester',
    holder: `tester:${process.pid}`,
    bucket: BUCKET,
    saveLeaseMs,
    lockLeaseMs: 30_000,
    newId: randomUUID,
    now: () => new Date(),
  })
  const log: string[] = []
  const write = (line: string) => void log.push(line)
  const http = await createServer(engine, { port: 0, graceMs: 1_000, log: { write } })
  onTestFinished(async () => {
    await http.close()
    await engine.registry.close()
  })
  const { url } = await http.listen()
  return { url, engine, artifacts, log }
}

/** A client that writes down where its requests go. */
export function watchedClient(url: string, options: Partial<ConnectOptions> = {}) {
  const asked: string[] = []
  const inner = options.fetch ?? fetch
  const client = connectRegistry({
    url,
    ...options,
    fetch: async (input, init) => {
      const response = inner(input, init)
      const { origin, pathname } = new URL(String(input))
      const path = pathname.replace(/[0-9a-f-]{36}/g, '{id}')
      asked.push(`${init?.method ?? 'GET'} ${origin === url ? path : 'the store'}`)
      return response
    },
  })
  onTestFinished(() => client.close())
  const count = (what: string) => asked.filter((one) => one === what).length
  return {
    client,
    asked,
    /** Files that went through the server. */
    throughServer: () => asked.filter((one) => one.startsWith('PUT /')).length,
    /** Requests that sent bytes to the store. */
    toStore: () => count('PUT the store'),
  }
}

/** Of a model that nobody else saves. */
export function freshMetadata(): ModelMetadata {
  return {
    ...{ modelId: `m-${randomUUID()}`, version: '1.0.0', modelType: 'lstm' as const },
    ...{ inputShape: [60, 5], outputShape: [1] },
  }
}
