import { describe, expect, it } from 'vitest'
import { S3CircuitBreaker } from '../adapters/circuit-breaker.js'
import { withCircuitBreaker } from '../adapters/circuit-breaker-store.js'
import { timedOut } from '../errors/causes/network.js'
import { CircuitBreakerOpenError } from '../errors/circuit-breaker-open/error.js'
import { S3Error } from '../errors/s3-error/error.js'
import { S3UnavailableError } from '../errors/s3-unavailable/error.js'
import type { ArtifactStore } from '../ports/artifact-store.js'
import { bytes, failureOf } from '../ports/testing/contract-bytes.js'
import { engineWith } from './testing/engine-with.js'
import { metadata } from './testing/registry-fixture.js'

/** A registry with one version, whose store is away from `loseStore` on, and its circuit open. */
async function registryThatLosesItsStore() {
  const state = { away: false }
  const breaker = new S3CircuitBreaker({ minimumCalls: 2 })
  const engine = await engineWith({
    artifacts: (real) => withCircuitBreaker(failing(real, state), breaker, { bucket: 'models' }),
  })
  const saved = await engine.registry.saveModel({ w: [1] }, metadata)
  return {
    ...engine,
    saved,
    findStore() {
      state.away = false
      breaker.reset()
    },
    async loseStore() {
      state.away = true
      for (let call = 0; call < 3; call++) await engine.registry.health()
      expect(breaker.stats()[0]?.state.is).toBe('open')
    },
  }
}

function failing(real: ArtifactStore, state: { readonly away: boolean }): ArtifactStore {
  return new Proxy(real, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        if (state.away && name !== 'close')
          throw new S3Error({ operation: String(name) }, { reason: timedOut })
        return Reflect.apply(member, target, args)
      }
    },
  })
}

const unavailable = {
  code: 'S3_UNAVAILABLE',
  reason: { id: 'breaker-open' },
  retry: { advice: 'safe', inMs: expect.any(Number) },
  cause: expect.any(CircuitBreakerOpenError),
}

describe('a registry whose store is away', () => {
  it('ends saving, loading, deploying, verifying and deleting with the refusal and the time to wait', async () => {
    const { registry, saves, loseStore } = await registryThatLosesItsStore()
    const { modelId, version } = metadata
    const loaded = await registry.loadModel(modelId, version)
    const begun = await saves.begin({ ...metadata, version: '3.0.0' }, ['a.bin'], {})
    await loseStore()
    const calls = {
      save: () => registry.saveModel({ w: [2] }, { ...metadata, version: '2.0.0' }),
      read: () => loaded.json(),
      stream: () => new Response(loaded.stream()).text(),
      deploy: () => registry.deployModel(modelId, version, { environment: 'production' }),
      exists: () => registry.getModel(modelId, version, { verify: 'exists' }),
      content: () => registry.getModel(modelId, version, { verify: 'content' }),
      step: () => saves.putFile(begun.saveId, 'a.bin', bytes('x'), {}),
      delete: () => registry.deleteModel(modelId, version),
    }
    for (const [name, call] of Object.entries(calls)) {
      const error = await call().then(
        () => undefined,
        (caught: unknown) => caught,
      )
      expect(error, name).toMatchObject(unavailable)
    }
  })

  it('names what was called, and says what became of the data in words that fit it', async () => {
    const { registry, openFile, saves, loseStore } = await registryThatLosesItsStore()
    const { modelId, version } = metadata
    const loaded = await registry.loadModel(modelId, version)
    const begun = await saves.begin({ ...metadata, version: '3.0.0' }, ['a.bin'], {})
    await loseStore()
    const messages = await Promise.all(
      [
        registry.saveModel({ w: [2] }, { ...metadata, version: '2.0.0' }),
        saves.putFile(begun.saveId, 'a.bin', bytes('x'), {}),
        loaded.json(),
        openFile(modelId, version, 'model.json'),
      ].map((call) => call.then(String, String)),
    )
    expect(messages).toEqual([
      expect.stringMatching(/^S3UnavailableError: saveModel was not .* Nothing was recorded/),
      expect.stringMatching(/^S3UnavailableError: A step of the save was not .* Nothing was recorded/),
      expect.stringMatching(/^S3UnavailableError: loadModel was not .* Nothing was changed/),
      expect.stringMatching(/^S3UnavailableError: loadModel was not .* Nothing was changed/),
    ])
  })

  it('has the refusal among its causes once', async () => {
    const { registry, loseStore } = await registryThatLosesItsStore()
    await loseStore()
    const error = await registry
      .saveModel({ w: [2] }, { ...metadata, version: '2.0.0' })
      .catch((caught: unknown) => caught)
    expect(error instanceof S3UnavailableError && error.toJSON().causedBy).toMatchObject([
      { name: 'CircuitBreakerOpenError' },
    ])
  })

  it('says of a deletion that it took effect and what is left of it', async () => {
    const { registry, loseStore, saved } = await registryThatLosesItsStore()
    await loseStore()
    expect(await failureOf(registry.deleteModel(saved.modelId, saved.version))).toMatchObject({
      name: 'S3UnavailableError',
      outcome: 'applied',
      leftovers: [{ kind: 'object', at: saved.s3Path }],
    })
  })

  it('goes on to read metadata', async () => {
    const { registry, loseStore, saved } = await registryThatLosesItsStore()
    const { modelId, version } = metadata
    await loseStore()
    expect(await registry.getModel(modelId, version)).toEqual(saved)
    expect(await registry.getModel(modelId, version, { verify: 'none' })).toEqual(saved)
    expect(await registry.getModelVersions(modelId)).toEqual([saved])
    expect([...(await registry.listModels())]).toEqual([saved])
    expect(await registry.getActiveModel(modelId, 'production')).toBeNull()
  })

  it('takes the same save once the store is back and the circuit closed', async () => {
    const { registry, loseStore, findStore } = await registryThatLosesItsStore()
    await loseStore()
    const save = () => registry.saveModel({ w: [2] }, { ...metadata, version: '2.0.0' })
    await failureOf(save())
    expect(await registry.getModel(metadata.modelId, '2.0.0')).toBeNull()
    findStore()
    expect(await save()).toMatchObject({ version: '2.0.0', number: 2 })
  })
})
