import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ConcurrentDeploymentError, DeploymentError } from '../errors/index.js'
import { metadata } from '../server/testing/saved.js'
import { served } from '../server/testing/served.js'
import { connectRegistry } from './connect-registry.js'

async function withThree() {
  const server = await served({ logLevel: 'silent' })
  const registry = connectRegistry({ url: server.url })
  for (const version of ['1.0.0', '2.0.0', '3.0.0'])
    await registry.saveModel({ version }, { ...metadata, version })
  await registry.deployModel('btc-lstm', '1.0.0', { environment: 'production' })
  return { ...server, registry }
}

describe('deployModel with a smoke test', () => {
  it('is not made when another deployment came in between', async () => {
    const { registry, engine } = await withThree()
    const overtaken = registry.deployModel('btc-lstm', '2.0.0', {
      environment: 'production',
      smokeTest: () => engine.registry.deployModel('btc-lstm', '3.0.0', { environment: 'production' }),
    })
    const error = await overtaken.catch((e) => e)
    expect(error).toBeInstanceOf(ConcurrentDeploymentError)
    expect(error.reason.id).toBe('expected-version-not-active')
    expect((await registry.getActiveModel('btc-lstm', 'production'))?.version).toBe('3.0.0')
  })

  it('expects what the caller expects, where the caller does', async () => {
    const { registry } = await withThree()
    const smokeTest = () => true
    const wrong = registry.deployModel('btc-lstm', '2.0.0', {
      environment: 'production',
      smokeTest,
      expectedActive: null,
    })
    await expect(wrong).rejects.toMatchObject({ reason: { id: 'expected-version-not-active' } })
    await registry.deployModel('btc-lstm', '2.0.0', {
      environment: 'production',
      smokeTest,
      expectedActive: '1.0.0',
    })
  })

  it('tests and deploys the version that an alias named at that moment', async () => {
    const { registry } = await withThree()
    await registry.setAlias('btc-lstm', 'best', '2.0.0')
    const deployment = await registry.deployModel('btc-lstm', 'best', {
      environment: 'production',
      smokeTest: async (model) => {
        expect(await model.json()).toEqual({ version: '2.0.0' })
        await registry.setAlias('btc-lstm', 'best', '3.0.0')
      },
    })
    expect(deployment.version).toBe('2.0.0')
  })

  it('says at which step it failed and what is active, when it had no verdict in time', async () => {
    const { registry } = await withThree()
    const error = await registry
      .deployModel('btc-lstm', '2.0.0', {
        environment: 'production',
        smokeTestTimeoutMs: 20,
        smokeTest: () => new Promise(() => {}),
      })
      .catch((e) => e)
    expect(error).toBeInstanceOf(DeploymentError)
    expect(error).toMatchObject({
      reason: { id: 'smoke-test-failed' },
      context: { step: 'smoke-test', active: '1.0.0' },
      cause: { name: 'TimeoutError' },
    })
  })

  it('does not keep a client from closing', async () => {
    const { registry } = await withThree()
    const testing = Promise.withResolvers<void>()
    const deploying = registry
      .deployModel('btc-lstm', '2.0.0', {
        environment: 'production',
        smokeTest() {
          testing.resolve()
          return new Promise(() => {})
        },
      })
      .catch((e) => e)
    await testing.promise
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const closed = registry.close()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await deploying).toMatchObject({ reason: { id: 'aborted' }, context: { step: 'smoke-test' } })
    await closed
  })

  it('is a DeploymentError when there is no such version', async () => {
    const { registry } = await withThree()
    const error = await registry
      .deployModel('btc-lstm', '9.0.0', { environment: 'production', smokeTest: () => true })
      .catch((e) => e)
    expect(error).toBeInstanceOf(DeploymentError)
    expect(error.reason.id).toBe('version-missing')
  })

  it('ends when its signal fires, although the test does not look at it', async () => {
    const { registry } = await withThree()
    const controller = new AbortController()
    const deploying = registry.deployModel('btc-lstm', '2.0.0', {
      environment: 'production',
      signal: controller.signal,
      smokeTest: () => {
        controller.abort()
        return new Promise(() => {})
      },
    })
    await expect(deploying).rejects.toMatchObject({ code: 'DEPLOYMENT_FAILED', reason: { id: 'aborted' } })
    expect((await registry.getActiveModel('btc-lstm', 'production'))?.version).toBe('1.0.0')
  })
})

describe('events', () => {
  it('tell who did it, by what the server knows', async () => {
    const { registry, engine, url } = await withThree()
    const seen: string[] = []
    const token = await engine.tokens.create('ci', ['admin'])
    await registry.close()
    const own = connectRegistry({ url, token, actor: 'ignored' })
    own.events.on('archived', ({ actor }) => seen.push(`archived by ${actor}`))
    own.events.on('deleted', ({ actor }) => seen.push(`deleted by ${actor}`))
    own.events.on('saved', ({ actor }) => seen.push(`saved by ${actor}`))
    await own.saveModel('x', { ...metadata, version: '4.0.0' })
    await own.archiveModel('btc-lstm', '4.0.0')
    await own.deleteModel('btc-lstm', '4.0.0')
    await expect.poll(() => seen).toEqual(['saved by ci', 'archived by ci', 'deleted by ci'])
  })
  it('say nothing of a call that found nothing to change', async () => {
    const { registry } = await withThree()
    const seen: string[] = []
    registry.events.on('deployed', ({ deployment }) => seen.push(`deployed ${deployment.version}`))
    registry.events.on('archived', ({ record }) => seen.push(`archived ${record.version}`))
    registry.events.on('restored', ({ record }) => seen.push(`restored ${record.version}`))
    for (let twice = 0; twice < 2; twice++)
      await registry.deployModel('btc-lstm', '2.0.0', { environment: 'production' })
    for (let twice = 0; twice < 2; twice++) await registry.archiveModel('btc-lstm', '3.0.0')
    for (let twice = 0; twice < 2; twice++) await registry.restoreModel('btc-lstm', '3.0.0')
    await registry.archiveModel('btc-lstm', '3.0.0')
    const changes = ['deployed 2.0.0', 'archived 3.0.0', 'restored 3.0.0', 'archived 3.0.0']
    await expect.poll(() => seen).toEqual(changes)
  })
})
