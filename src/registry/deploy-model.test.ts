import { describe, expect, it } from 'vitest'
import { ConcurrentDeploymentError, DatabaseError, DeploymentError } from '../errors/index.js'
import { engineWith, LEASE_MS } from './testing/engine-with.js'
import { metadata } from './testing/registry-fixture.js'

const production = { environment: 'production' }

async function twoVersions(faults: Parameters<typeof engineWith>[0] = {}) {
  const engine = await engineWith(faults)
  await engine.registry.saveModel({ v: 1 }, metadata)
  await engine.registry.saveModel({ v: 2 }, { ...metadata, version: '2.0.0' })
  await engine.registry.deployModel('btc-lstm', '1.0.0', production)
  return engine
}

describe('deployModel', () => {
  it('answers at once who holds the lock, what for and how long', async () => {
    const { registry } = await twoVersions()
    const testing = Promise.withResolvers<void>()
    const verdict = Promise.withResolvers<void>()
    const first = registry.deployModel('btc-lstm', '2.0.0', {
      ...production,
      actor: 'ada',
      smokeTest: () => {
        testing.resolve()
        return verdict.promise
      },
    })
    await testing.promise
    const error = await registry.deployModel('btc-lstm', '1.0.0', production).catch((e) => e)
    expect(error).toBeInstanceOf(ConcurrentDeploymentError)
    expect(error.context).toMatchObject({
      holder: 'ada (here:1)',
      purpose: 'deploy 2.0.0',
      environment: 'production',
    })
    expect(error.retry).toMatchObject({ advice: 'safe' })
    expect(error.context.retryInMs).toBeGreaterThan(0)
    await expect(registry.rollbackDeployment('btc-lstm', 'production')).rejects.toBeInstanceOf(
      ConcurrentDeploymentError,
    )
    const waiting = registry.deployModel('btc-lstm', '1.0.0', { ...production, waitMs: 20_000 })
    verdict.resolve()
    expect((await first).version).toBe('2.0.0')
    expect((await waiting).previousVersion).toBe('2.0.0')
  })

  it('cannot commit once its lease has run out', async () => {
    const { registry, advance } = await twoVersions()
    const error = await registry
      .deployModel('btc-lstm', '2.0.0', { ...production, smokeTest: () => advance(LEASE_MS + 1) })
      .catch((e) => e)
    expect(error).toBeInstanceOf(DeploymentError)
    expect(error.reason.id).toBe('lease-lost')
    expect((await registry.getActiveModel('btc-lstm', 'production'))?.version).toBe('1.0.0')
  })

  it('ends when its signal fires in a smoke test that does not look at it', async () => {
    const { registry } = await twoVersions()
    const controller = new AbortController()
    const error = await registry
      .deployModel('btc-lstm', '2.0.0', {
        ...production,
        signal: controller.signal,
        smokeTest: () => {
          controller.abort()
          return new Promise(() => {})
        },
      })
      .catch((e) => e)
    expect(error).toBeInstanceOf(DeploymentError)
    expect(error.reason.id).toBe('aborted')
    expect((await registry.getActiveModel('btc-lstm', 'production'))?.version).toBe('1.0.0')
    await registry.deployModel('btc-lstm', '2.0.0', production)
  })

  it('says that the transaction failed, and keeps what was active', async () => {
    let failing = false
    const { registry } = await twoVersions({
      metadata: (real) => ({
        activate: (request) =>
          failing ? Promise.reject(new DatabaseError({ operation: 'activate' })) : real.activate(request),
      }),
    })
    failing = true
    const error = await registry.deployModel('btc-lstm', '2.0.0', production).catch((e) => e)
    expect(error).toBeInstanceOf(DeploymentError)
    expect(error.reason.id).toBe('transaction-failed')
    expect(error.context.step).toBe('activate')
    expect(error.cause).toBeInstanceOf(DatabaseError)
    expect((await registry.getActiveModel('btc-lstm', 'production'))?.version).toBe('1.0.0')
  })
})
