import { expect, it } from 'vitest'
import { AWS_CAPABILITIES } from '../../src/adapters/artifacts/s3/capabilities.js'
import type { S3StoreOptions } from '../../src/adapters/artifacts/s3/options.js'
import { S3CircuitBreaker } from '../../src/adapters/circuit-breaker.js'
import { withCircuitBreaker } from '../../src/adapters/circuit-breaker-store.js'
import { artifactStoreContract } from '../../src/ports/artifact-store.contract.js'
import { bytes, failureOf } from '../../src/ports/testing/contract-bytes.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { freshAddress } from '../support/s3/fresh-address.js'
import { openStore } from '../support/s3/open-store.js'
import { tcpProxy } from '../support/s3/proxies.js'
import { BUCKET, CONTRACT_BUCKETS, type S3Server } from '../support/s3/s3-server.js'

const guarded = (
  server: Pick<S3Server, 'endpoint'>,
  breaker = new S3CircuitBreaker(),
  options: Partial<S3StoreOptions> = { retry: { attempts: 1 } },
) => {
  const { bucket = BUCKET } = options
  const store = openStore(server, { capabilities: AWS_CAPABILITIES, ...options })
  return withCircuitBreaker(store, breaker, { endpoint: server.endpoint, bucket })
}

describeEachServer('A breaker before a store', (server) => {
  const bucket = CONTRACT_BUCKETS.guarded
  artifactStoreContract('s3 behind a breaker', async () => guarded(server, undefined, { bucket }), bucket)

  it('opens when the store goes away, and closes when it is back', async () => {
    const proxy = await tcpProxy(server)
    const breaker = new S3CircuitBreaker({ minimumCalls: 3, cooldownMs: 50 })
    const changes: string[] = []
    breaker.onChange(({ state }) => changes.push(state.is))
    const store = guarded(proxy, breaker)
    await store.put(freshAddress(), bytes('x'))
    await proxy.inject({ is: 'refuse' })
    const met: string[] = []
    while (met.at(-1) !== 'breaker-open' && met.length < 10)
      met.push((await failureOf(store.put(freshAddress(), bytes('x')))).reason)
    // The first may meet a connection that was kept from before.
    expect(met).toEqual([expect.stringMatching(/^connection-re/), 'connection-refused', 'breaker-open'])
    await proxy.inject({ is: 'none' })
    await expect
      .poll(() =>
        store.stat(freshAddress()).then(
          () => 'answered',
          () => 'refused',
        ),
      )
      .toBe('answered')
    await store.put(freshAddress(), bytes('x'))
    expect(changes).toEqual(['open', 'half-open', 'closed'])
  })

  it('stays closed however often the store refuses', async () => {
    const breaker = new S3CircuitBreaker({ minimumCalls: 3 })
    const store = guarded(server, breaker)
    for (let i = 0; i < 10; i++)
      expect(await failureOf(store.open(freshAddress()))).toMatchObject({ reason: 'object-missing' })
    expect(breaker.stats()).toMatchObject([{ state: { is: 'closed' }, total: { failed: 0 } }])
  })
})
