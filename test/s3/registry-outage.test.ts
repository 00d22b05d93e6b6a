import { randomUUID } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import { createModelRegistry, isModelRegistryError, type RegistryOptions } from '../../src/index.js'
import { metadata } from '../../src/registry/testing/registry-fixture.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { httpProxy, tcpProxy } from '../support/s3/proxies.js'
import { ADMIN, BUCKET, REGION } from '../support/s3/s3-server.js'
import { temporaryFolder } from '../support/temporary-folder.js'

async function registryOn({ endpoint }: { endpoint: string }, more: RegistryOptions = {}) {
  const registry = await createModelRegistry({
    home: await temporaryFolder(),
    store: {
      bucket: BUCKET,
      prefix: `outage/${randomUUID()}`,
      endpoint,
      region: REGION,
      forcePathStyle: true,
      credentials: { ...ADMIN },
      retry: { attempts: 1 },
    },
    ...more,
  })
  onTestFinished(() => registry.close())
  return registry
}

describeEachServer('A registry whose store in S3 goes away', (server) => {
  it('says so with the time until the next probe, tells of it, and works again by itself', async () => {
    const proxy = await tcpProxy(server)
    const registry = await registryOn(proxy, { breaker: { minimumCalls: 3, cooldownMs: 1_000 } })
    const states: string[] = []
    registry.events.on('breaker-state', ({ state, bucket }) => states.push(`${bucket} ${state}`))
    const save = (version: string) => registry.saveModel({ w: [1] }, { ...metadata, version })
    const first = await save('1.0.0')
    await proxy.inject({ is: 'refuse' })
    const codes: string[] = []
    let last: unknown
    while (codes.at(-1) !== 'S3_UNAVAILABLE' && codes.length < 10) {
      last = await save('1.1.0').catch((error: unknown) => error)
      codes.push(isModelRegistryError(last) ? last.code : 'no error of the catalog')
    }
    expect(codes.slice(0, -1).every((code) => code === 'S3_UPLOAD_FAILED')).toBe(true)
    expect(last).toMatchObject({
      code: 'S3_UNAVAILABLE',
      outcome: 'not-applied',
      retry: { advice: 'safe', inMs: expect.any(Number) },
      cause: { code: 'CIRCUIT_BREAKER_OPEN' },
    })
    expect(await registry.getModel('btc-lstm', '1.0.0')).toEqual(first)
    expect(await registry.getModel('btc-lstm', '1.1.0')).toBeNull()
    expect((await registry.breakerStats())[0]).toMatchObject({ state: 'open', total: { opened: 1 } })
    await proxy.inject({ is: 'none' })
    await expect
      .poll(
        () =>
          save('1.1.0').then(
            ({ version }) => version,
            (error: unknown) => (isModelRegistryError(error) ? error.code : String(error)),
          ),
        { timeout: 20_000, interval: 200 },
      )
      .toBe('1.1.0')
    expect(states).toEqual([`${BUCKET} open`, `${BUCKET} half-open`, `${BUCKET} closed`])
  })
})

describeEachServer('A registry with its files in S3', (server) => {
  it('does not ask again for files that it has seen, until they are deleted', async () => {
    const proxy = await httpProxy(server)
    const registry = await registryOn(proxy)
    await registry.saveModel({ w: [1] }, metadata)
    const asked = async (call: () => Promise<unknown>) => {
      const before = proxy.seen.length
      await call()
      return proxy.seen.slice(before).map(({ method }) => method)
    }
    const { modelId, version } = metadata
    expect(await asked(() => registry.getModel(modelId, version))).toEqual(['HEAD'])
    expect(await asked(() => registry.getModel(modelId, version))).toEqual([])
    const environment = 'production'
    expect(await asked(() => registry.deployModel(modelId, version, { environment }))).toEqual([])
    await registry.saveModel({ w: [2] }, { ...metadata, version: '1.1.0' })
    await registry.deployModel(modelId, '1.1.0', { environment })
    await registry.deleteModel(modelId, version)
    await registry.saveModel({ w: [1] }, metadata)
    expect(await asked(() => registry.getModel(modelId, version))).toEqual(['HEAD'])
  })
})
