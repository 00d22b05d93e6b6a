import { describe, expect, it } from 'vitest'
import { parseEnvironment } from '../domain/environment.js'
import { ConcurrentDeploymentError, DatabaseError, DeploymentError } from '../errors/index.js'
import { engineWith, LEASE_MS } from './testing/engine-with.js'
import { metadata as meta } from './testing/registry-fixture.js'

const production = { environment: 'production' }

async function twoVersions(faults: Parameters<typeof engineWith>[0] = {}) {
  const engine = await engineWith(faults)
  await engine.registry.saveModel({ v: 1 }, meta)
  await engine.registry.saveModel({ v: 2 }, { ...meta, version: '2.0.0' })
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

  it('ends a smoke test that has had its time, and frees the lock', async () => {
    const { registry } = await twoVersions()
    let fired: unknown
    const error = await registry
      .deployModel('btc-lstm', '2.0.0', {
        ...production,
        smokeTestTimeoutMs: 20,
        smokeTest: (_, { signal }) =>
          new Promise(() => signal.addEventListener('abort', () => (fired = signal.reason))),
      })
      .catch((e) => e)
    expect(error).toBeInstanceOf(DeploymentError)
    expect(error).toMatchObject({
      reason: { id: 'smoke-test-failed' },
      context: { step: 'smoke-test', active: '1.0.0' },
      cause: { name: 'TimeoutError' },
    })
    expect(error.message).toContain('btc-lstm@1.0.0 is active in production.')
    expect(fired).toBe(error.cause)
    expect((await registry.deployModel('btc-lstm', '2.0.0', production)).version).toBe('2.0.0')
  })

  it.each([0, -1, Number.NaN, 90_000_000])('refuses %d ms as the time of a smoke test', async (ms) => {
    const { registry } = await twoVersions()
    const options = { ...production, smokeTest: () => true, smokeTestTimeoutMs: ms }
    await expect(registry.deployModel('btc-lstm', '2.0.0', options)).rejects.toMatchObject({
      code: 'MODEL_VALIDATION_FAILED',
    })
  })

  it('does not keep a registry from closing: neither by a test that never ends nor by waiting', async () => {
    const { registry, metadata } = await twoVersions({ closeGraceMs: 1 })
    const testing = Promise.withResolvers<void>()
    const held = registry
      .deployModel('btc-lstm', '2.0.0', {
        ...production,
        smokeTest: () => {
          testing.resolve()
          return new Promise(() => {})
        },
      })
      .catch((e) => e)
    await testing.promise
    const waiting = registry
      .deployModel('btc-lstm', '2.0.0', { ...production, waitMs: 86_400_000 })
      .catch((e) => e)
    const rolling = registry
      .rollbackDeployment('btc-lstm', 'production', { waitMs: 86_400_000 })
      .catch((e) => e)
    await registry.close()
    for (const error of await Promise.all([held, waiting, rolling])) {
      expect(error).toBeInstanceOf(DeploymentError)
      expect(error).toMatchObject({ reason: { id: 'aborted' }, context: { active: '1.0.0' } })
    }
    await expect(metadata.check()).rejects.toBeInstanceOf(DatabaseError)
  })

  it('says what is active, as it is looked up after the failure', async () => {
    const { registry } = await twoVersions()
    const refused = (model: string, version: string, environment: string) =>
      registry.deployModel(model, version, { environment }).catch((e) => e)
    expect(await refused('btc-lstm', '9.0.0', 'production')).toMatchObject({
      context: { step: 'look-up', active: '1.0.0' },
    })
    const error = await refused('btc-lstm', '9.0.0', 'staging')
    expect(error.context.active).toBeNull()
    expect(error.message).toContain('no version of btc-lstm is active in staging')
    expect(error.message).toContain('at the step look-up')
  })

  it('is refused when an approval is taken back while the version is being tested', async () => {
    const { registry, metadata } = await engineWith({ environments: { production: { approvals: 1 } } })
    const { modelId, version } = await registry.saveModel({ v: 1 }, meta)
    await registry.approveDeployment('btc-lstm', '1.0.0', 'production', { actor: 'ann' })
    const error = await registry
      .deployModel('btc-lstm', '1.0.0', {
        ...production,
        smokeTest: () =>
          metadata.revokeApproval(modelId, version, parseEnvironment('production'), 'ann', 'bob'),
      })
      .catch((e) => e)
    expect(error).toMatchObject({
      reason: { id: 'policy-not-met' },
      context: { step: 'policy', approvalsMissing: 1, approvedBy: [], active: null },
    })
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
