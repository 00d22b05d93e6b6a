import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { AWS_CAPABILITIES } from '../../src/adapters/artifacts/s3/capabilities.js'
import { s3CircuitBreaker } from '../../src/adapters/circuit-breaker.js'
import { openSqliteMetadataStore } from '../../src/adapters/metadata/sqlite.js'
import { createModelRegistry } from '../../src/index.js'
import type { ArtifactStore } from '../../src/ports/artifact-store.js'
import { collect, failureOf, patterned } from '../../src/ports/testing/contract-bytes.js'
import { createEngine } from '../../src/registry/create-engine.js'
import { RegistryEvents } from '../../src/registry/registry-events.js'
import { metadata } from '../../src/registry/testing/registry-fixture.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { openStore } from '../support/s3/open-store.js'
import { tcpProxy } from '../support/s3/proxies.js'
import { ADMIN, BUCKET, REGION } from '../support/s3/s3-server.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const MIB = 1024 ** 2
const options = { capabilities: AWS_CAPABILITIES, transfer: { partBytes: 5 * MIB } } as const

async function registryOn(artifacts: ArtifactStore, folder: string) {
  return createEngine({
    artifacts,
    metadata: await openSqliteMetadataStore({ path: join(folder, 'registry.db') }),
    events: new RegistryEvents(),
    environments: {},
    actor: 'tester',
    holder: `tester:${process.pid}`,
    bucket: BUCKET,
    saveLeaseMs: 60_000,
    lockLeaseMs: 30_000,
    newId: randomUUID,
    now: () => new Date(),
  }).registry
}

describeEachServer('A registry with its files in S3', (server) => {
  // The store's digest of an object that came in parts is one of its parts' digests, which the SDK does not check.
  it('does not hand out what was damaged on its way, though it came in parts', async () => {
    const folder = await temporaryFolder()
    const modelId = `m-${randomUUID()}`
    const writing = await registryOn(openStore(server, options), folder)
    await writing.saveModel(patterned(12 * MIB), {
      ...metadata,
      modelId,
    })
    await writing.close()
    const proxy = await tcpProxy(server)
    await proxy.inject({ is: 'corrupt', direction: 'to-client', atByte: 9_000_000 }, 1)
    const reading = await registryOn(openStore(proxy, options), folder)
    const read = async () => (await reading.loadModel(modelId, '1.0.0')).bytes()
    expect(await failureOf(read())).toMatchObject({ name: 'S3DownloadError', reason: 'checksum-mismatch' })
    expect(Buffer.compare(await read(), patterned(12 * MIB))).toBe(0)
    await reading.close()
  })

  it('is opened by the address of its store, and keeps its files below the prefix', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', ADMIN.accessKeyId)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', ADMIN.secretAccessKey)
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
    const prefix = `registries/${randomUUID()}`
    const query = new URLSearchParams({ endpoint: server.endpoint, forcePathStyle: 'true', region: REGION })
    const home = await temporaryFolder()
    const registry = await createModelRegistry({ home, store: `s3://${BUCKET}/${prefix}?${query}` })
    onTestFinished(() => registry.close())
    const saved = await registry.saveModel(JSON.parse('{"w":[1,2]}'), metadata)
    expect(saved.s3Path).toMatch(new RegExp(`^s3://${BUCKET}/${prefix}/btc-lstm/1\\.0\\.0/`))
    expect(await registry.getModel('btc-lstm', '1.0.0')).toEqual(saved)
    expect(await (await registry.loadModel('btc-lstm', '1.0.0')).json()).toEqual({ w: [1, 2] })
    const stats = s3CircuitBreaker.stats().find(({ endpoint }) => endpoint === server.endpoint)
    expect(stats).toMatchObject({ bucket: BUCKET, state: { is: 'closed' }, total: { failed: 0 } })
    await registry.deleteModel('btc-lstm', '1.0.0')
    expect(await collect(registry.scan())).toEqual([])
  })
})
