import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { AWS_CAPABILITIES } from '../../src/adapters/artifacts/s3/capabilities.js'
import type { S3StoreOptions } from '../../src/adapters/artifacts/s3/options.js'
import { openSqliteMetadataStore } from '../../src/adapters/metadata/sqlite.js'
import { connectRegistry } from '../../src/client/connect-registry.js'
import type { ModelMetadata } from '../../src/domain/metadata.js'
import { collect, failureOf, patterned } from '../../src/ports/testing/contract-bytes.js'
import { createEngine } from '../../src/registry/create-engine.js'
import { RegistryEvents } from '../../src/registry/registry-events.js'
import { createServer } from '../../src/server/create-server.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { openStore } from '../support/s3/open-store.js'
import { httpProxy, tcpProxy } from '../support/s3/proxies.js'
import { BUCKET, type S3Server } from '../support/s3/s3-server.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const MIB = 1024 ** 2

/** A server over a store, and a client of it that counts what passes by each of the two. */
async function served(
  server: Pick<S3Server, 'endpoint'>,
  options: Partial<S3StoreOptions> = {},
  leaseMs = 60_000,
) {
  const artifacts = openStore(server, {
    capabilities: AWS_CAPABILITIES,
    transfer: { partBytes: 5 * MIB },
    ...options,
  })
  const engine = createEngine({
    artifacts,
    metadata: await openSqliteMetadataStore({ path: join(await temporaryFolder(), 'registry.db') }),
    events: new RegistryEvents(),
    environments: {},
    actor: 'tester',
    holder: `tester:${process.pid}`,
    bucket: BUCKET,
    saveLeaseMs: leaseMs,
    lockLeaseMs: 30_000,
    newId: randomUUID,
    now: () => new Date(),
  })
  const log: string[] = []
  const http = await createServer(engine, { port: 0, graceMs: 1_000, log: { write: (l) => void log.push(l) } })
  onTestFinished(async () => {
    await http.close()
    await engine.registry.close()
  })
  const { url } = await http.listen()
  const asked: string[] = []
  const watched: typeof fetch = async (input, init) => {
    asked.push(`${init?.method ?? 'GET'} ${String(input).replace(url, '').replace(/\?.*/, '')}`)
    return fetch(input, init)
  }
  const client = connectRegistry({ url, fetch: watched })
  const throughServer = () => asked.filter((one) => one.startsWith('PUT /api/'))
  const toStore = () => asked.filter((one) => one.startsWith('PUT http'))
  return { url, engine, artifacts, client, log, asked, throughServer, toStore }
}

function metadata(): ModelMetadata {
  return {
    ...{ modelId: `m-${randomUUID()}`, version: '1.0.0', modelType: 'lstm' as const },
    ...{ inputShape: [60, 5], outputShape: [1] },
  }
}

const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** A source of known length that can be read once. */
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000)
}

async function json(url: string, path: string, body: unknown): Promise<{ status: number; body: any }> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}

describeEachServer('Direct transfer', (server) => {
  it.each([
    ['in one request', 2 * MIB],
    ['in parts', 17 * MIB],
  ])('sends a file to the store %s, and none of it through the server', async (_how, size) => {
    const { client, throughServer, toStore } = await served(server, { limits: { single: 8 * MIB } })
    const bytes = patterned(size)
    const progress: number[] = []
    const about = metadata()
    const saved = await client.saveModel(bytes, about, { onProgress: (p) => progress.push(p.bytes) })
    expect(saved.files[0]).toMatchObject({ size, sha256: sha256Of(bytes) })
    expect(throughServer()).toEqual([])
    expect(toStore()).toHaveLength(size < 8 * MIB ? 1 : 4)
    expect(progress.at(-1)).toBe(size)
    expect(Buffer.compare(await (await client.loadModel(about.modelId, '1.0.0')).bytes(), bytes)).toBe(0)
  })
})
