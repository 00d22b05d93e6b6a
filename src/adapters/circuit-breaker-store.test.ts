import { describe, expect, it, vi } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import { parseS3Address } from '../domain/s3-address.js'
import { connectionReset, timedOut } from '../errors/causes/network.js'
import { S3DownloadError } from '../errors/s3-download-failed/error.js'
import { S3Error } from '../errors/s3-error/error.js'
import { S3UploadError } from '../errors/s3-upload-failed/error.js'
import { artifactStoreContract } from '../ports/artifact-store.contract.js'
import type { ArtifactStore } from '../ports/artifact-store.js'
import { bytes, collect, failureOf, readAll } from '../ports/testing/contract-bytes.js'
import { FsArtifactStore } from './artifacts/fs.js'
import { S3CircuitBreaker } from './circuit-breaker.js'
import { withCircuitBreaker } from './circuit-breaker-store.js'

artifactStoreContract('fs behind a breaker', async () =>
  withCircuitBreaker(new FsArtifactStore({ root: await temporaryFolder() }), new S3CircuitBreaker(), {
    bucket: 'modelry-contract',
  }),
)

const address = parseS3Address('s3://models/a')

/** A store in a folder, whose calls fail as those of a store that is away while `away` is true. */
async function flaky() {
  const real = new FsArtifactStore({ root: await temporaryFolder() })
  const state = { away: false, puts: 0 }
  const orFail = (): void => {
    if (state.away) throw new S3Error({ operation: 'call' }, { reason: timedOut })
  }
  const store: ArtifactStore = {
    put: async (...args) => {
      state.puts += 1
      if (state.away) throw new S3UploadError({ s3Path: args[0] }, { reason: timedOut })
      return real.put(...args)
    },
    open: async (...args) => {
      orFail()
      return real.open(...args)
    },
    stat: async (at) => {
      orFail()
      return real.stat(at)
    },
    delete: async (at) => {
      orFail()
      return real.delete(at)
    },
    async *list(prefix) {
      orFail()
      yield* real.list(prefix)
    },
    async *listUnfinished(prefix) {
      orFail()
      yield* real.listUnfinished(prefix)
    },
    endUnfinished: async (at) => {
      orFail()
      return real.endUnfinished(at)
    },
    check: async () => {
      orFail()
      return real.check()
    },
    close: () => real.close(),
  }
  const breaker = new S3CircuitBreaker({ minimumCalls: 3 })
  return { store: withCircuitBreaker(store, breaker, { bucket: 'models' }), breaker, state, raw: store }
}

describe('withCircuitBreaker', () => {
  it('refuses every kind of call once the store is away, and none of them reaches it', async () => {
    const { store, state } = await flaky()
    state.away = true
    for (let i = 0; i < 3; i++) await failureOf(store.stat(address))
    const refused = [
      () => store.put(address, bytes('x')),
      () => store.open(address),
      () => store.stat(address),
      () => store.delete(address),
      () => collect(store.list(address)),
      () => collect(store.list()),
      () => collect(store.listUnfinished()),
      () => store.endUnfinished('an upload'),
      () => store.check(),
    ]
    for (const call of refused)
      expect(await failureOf(call())).toMatchObject({
        name: 'CircuitBreakerOpenError',
        reason: 'breaker-open',
      })
    expect(state.puts).toBe(0)
  })

  it('does not read the source of an upload to find out whether the store is back', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      const { store, state } = await flaky()
      state.away = true
      for (let i = 0; i < 3; i++) await failureOf(store.stat(address))
      vi.advanceTimersByTime(30_000)
      let read = false
      const source = async function* () {
        read = true
        yield* bytes('weights')
      }
      await failureOf(store.put(address, source()))
      expect({ read, puts: state.puts }).toEqual({ read: false, puts: 0 })
      vi.advanceTimersByTime(30_000)
      state.away = false
      await store.put(address, source())
      expect(Buffer.from(await readAll(await store.open(address))).toString()).toBe('weights')
    } finally {
      vi.useRealTimers()
    }
  })

  it('counts a listing and a body that break in the middle', async () => {
    const { breaker, raw } = await flaky()
    const broken = { ...raw }
    broken.list = async function* () {
      yield { address, size: 1, storedAt: new Date() }
      throw new S3Error({ operation: 'list' }, { reason: connectionReset })
    }
    broken.open = async () =>
      (async function* () {
        yield new Uint8Array(1)
        throw new S3DownloadError({ s3Path: address }, { reason: connectionReset })
      })()
    const store = withCircuitBreaker(broken, breaker, { bucket: 'models' })
    expect(await failureOf(collect(store.list()))).toMatchObject({ reason: 'connection-reset' })
    expect(await failureOf(readAll(await store.open(address)))).toMatchObject({ reason: 'connection-reset' })
    await vi.waitFor(() => expect(breaker.stats()[0]?.total).toMatchObject({ succeeded: 2, failed: 2 }))
  })
})
