import { describe, expect, it } from 'vitest'
import { eventually } from '../../test/support/eventually.js'
import { parseFilePath } from '../domain/file-path.js'
import { parseMetadata } from '../domain/metadata.js'
import { parseS3Address, type S3Address } from '../domain/s3-address.js'
import { DatabaseError, S3UploadError } from '../errors/index.js'
import { bytes, collect } from '../ports/testing/contract-bytes.js'
import { fromParts } from '../sources/from-parts.js'
import { fromStored } from '../sources/from-stored.js'
import { engineWith, LEASE_MS } from './testing/engine-with.js'
import { metadata } from './testing/registry-fixture.js'

/** Bytes that stop in the middle until they are told to go on. */
function heldBytes() {
  const started = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  async function* content() {
    yield new Uint8Array([1])
    started.resolve()
    await released.promise
    yield new Uint8Array([2])
  }
  return { content: content(), started: started.promise, release: released.resolve }
}

const lostAnswer = () => new DatabaseError({ operation: 'publishVersion' }, { outcome: 'unknown' })

describe('saveModel', () => {
  it('cannot publish what another save has taken over after its lease, and removes its own bytes', async () => {
    const { registry, advance, findings } = await engineWith()
    const slow = heldBytes()
    const first = registry.saveModel(slow.content, metadata).catch((error) => error)
    await slow.started
    advance(LEASE_MS + 1)
    const second = await registry.saveModel({ second: true }, metadata)
    slow.release()
    const error = await first
    expect(error).toBeInstanceOf(S3UploadError)
    expect(error.reason.id).toBe('lease-lost')
    expect((await registry.getModel('btc-lstm', '1.0.0', { verify: 'content' }))?.digest).toBe(second.digest)
    expect(await findings()).toEqual([])
  })

  it('is refused while another save of the version holds its lease, and told how long', async () => {
    const { registry, advance } = await engineWith()
    const slow = heldBytes()
    const first = registry.saveModel(slow.content, metadata)
    await slow.started
    advance(LEASE_MS / 2)
    const error = await registry.saveModel({}, metadata).catch((e) => e)
    expect(error.code).toBe('DUPLICATE_MODEL')
    expect(error.reason.id).toBe('save-in-progress')
    expect(error.retry.advice).toBe('safe')
    expect(error.retry.inMs).toBeGreaterThan(0)
    expect(error.retry.inMs).toBeLessThanOrEqual(LEASE_MS / 2)
    slow.release()
    await first
  })

  it('reads the save back when the answer to its publication is lost', async () => {
    let lost = 0
    const { registry } = await engineWith({
      metadata: (real) => ({
        async publishVersion(...args) {
          const answer = await real.publishVersion(...args)
          if (lost++ === 0) throw lostAnswer()
          return answer
        },
      }),
    })
    const record = await registry.saveModel({ w: 1 }, metadata)
    expect(record.version).toBe('1.0.0')
    expect((await registry.listHistory()).map(({ action }) => action)).toEqual(['saved'])
  })

  it('publishes once more when the lost publication did not take effect', async () => {
    let lost = 0
    const { registry } = await engineWith({
      metadata: (real) => ({
        publishVersion(...args) {
          if (lost++ === 0) return Promise.reject(lostAnswer())
          return real.publishVersion(...args)
        },
      }),
    })
    await registry.saveModel({ w: 1 }, metadata)
    expect(await registry.getModel('btc-lstm', '1.0.0', { verify: 'content' })).not.toBeNull()
  })

  it('keeps the bytes and says that the outcome is unknown when it cannot be read back either', async () => {
    const { registry, findings } = await engineWith({
      metadata: (real) => ({
        async publishVersion(...args) {
          await real.publishVersion(...args)
          throw lostAnswer()
        },
        findSave: () => Promise.reject(new DatabaseError({ operation: 'findSave' })),
      }),
    })
    const error = await registry.saveModel({ w: 1 }, metadata).catch((e) => e)
    expect(error).toBeInstanceOf(DatabaseError)
    expect(error.outcome).toBe('unknown')
    expect(await registry.getModel('btc-lstm', '1.0.0', { verify: 'content' })).not.toBeNull()
    expect(await findings()).toEqual([])
  })

  it('takes an address of the caller over from a save that died there, and from nobody else', async () => {
    const { registry, metadata: store, artifacts, advance, findings } = await engineWith()
    const s3Path = parseS3Address('s3://given/model.json')
    const { modelId, version, ...rest } = parseMetadata({ ...metadata, s3Path })
    const dead = {
      ...rest,
      modelId,
      version,
      saveId: 'dead',
      s3Path,
      layout: 'file' as const,
      actor: 'tester',
    }
    await store.reserveVersion({ ...dead, announced: [parseFilePath('model.json')] }, LEASE_MS)
    await artifacts.put(s3Path, bytes('left by the dead'))
    advance(LEASE_MS)
    const other = await registry
      .saveModel({ w: 1 }, { ...metadata, modelId: 'other', s3Path })
      .catch((e) => e)
    expect(other.reason.id).toBe('object-exists')
    await registry.saveModel({ w: 2 }, { ...metadata, s3Path })
    expect(await (await registry.loadModel('btc-lstm', '1.0.0')).json()).toEqual({ w: 2 })
    expect(await findings()).toEqual([])
  })

  it('leaves what lies at an address of the caller, once its lease has ended, to whoever has the version', async () => {
    const { registry, advance } = await engineWith()
    const s3Path = 's3://given/model.bin'
    const slow = heldBytes()
    const parts = fromParts({ 'a.bin': new Uint8Array([1]), 'b.bin': slow.content })
    const first = registry.saveModel(parts, { ...metadata, s3Path }).catch((error) => error)
    await slow.started
    advance(LEASE_MS + 1)
    await registry
      .saveModel(fromParts({ 'a.bin': 'new', 'b.bin': 'new' }), { ...metadata, s3Path })
      .catch((e) => e)
    slow.release()
    expect(await first).toBeInstanceOf(S3UploadError)
    for (const { version } of await registry.getModelVersions('btc-lstm'))
      expect(await registry.getModel('btc-lstm', version, { verify: 'content' })).not.toBeNull()
  })

  it('stores what the source gave, although it gives the same buffer again and again', async () => {
    const { registry } = await engineWith()
    const buffer = new Uint8Array(1000)
    async function* reusing() {
      for (let n = 0; n < 50; n++) {
        buffer.fill(n)
        yield buffer
      }
    }
    await registry.saveModel(reusing(), metadata)
    const loaded = await (await registry.loadModel('btc-lstm', '1.0.0')).bytes()
    expect(loaded[0]).toBe(0)
    expect(loaded[49_999]).toBe(49)
  })

  it('refuses a generator that was given before, instead of saving nothing', async () => {
    const { registry } = await engineWith()
    async function* once() {
      yield new Uint8Array(10)
    }
    const source = once()
    await registry.saveModel(source, metadata)
    const error = await registry.saveModel(source, { ...metadata, version: '2.0.0' }).catch((e) => e)
    expect(error.code).toBe('MODEL_VALIDATION_FAILED')
    expect(await registry.getModel('btc-lstm', '2.0.0')).toBeNull()
  })

  it('names the object and the reservation that it could not take back', async () => {
    const { registry, findings } = await engineWith({
      artifacts: () => ({ delete: () => Promise.reject(new TypeError('the store is away')) }),
      metadata: () => ({
        publishVersion: () => Promise.reject(new DatabaseError({ operation: 'publishVersion' })),
        releaseReservation: () => Promise.reject(new DatabaseError({ operation: 'releaseReservation' })),
      }),
    })
    const error = await registry.saveModel({ w: 1 }, metadata).catch((e) => e)
    expect(error.leftovers.map(({ kind }: { kind: string }) => kind)).toEqual(['object', 'reservation'])
    expect(error.leftovers[0].at).toMatch(/^s3:\/\/models\/btc-lstm\/1\.0\.0\//)
    expect((await findings()).length).toBeGreaterThan(0)
  })

  it('takes nothing that others have at the address for the remains of one that died before it had looked', async () => {
    let dead = true
    const { registry, artifacts, advance } = await engineWith({
      artifacts: (real) => ({
        stat: (address) => (dead ? Promise.reject(new TypeError('the process died')) : real.stat(address)),
      }),
      metadata: (real) => ({
        releaseReservation: (saveId) =>
          dead ? Promise.reject(new TypeError('it is dead')) : real.releaseReservation(saveId),
      }),
    })
    const s3Path = parseS3Address('s3://models/ours/w.json')
    await artifacts.put(s3Path, bytes('theirs'))
    const save = () => registry.saveModel({ w: 1 }, { ...metadata, s3Path }).catch((e) => e)
    expect((await save()).message).toBe('the process died')
    dead = false
    advance(LEASE_MS)
    expect(await save()).toMatchObject({ reason: { id: 'object-exists' } })
    expect(await artifacts.stat(s3Path)).toMatchObject({ size: 6 })
  })

  it.each([
    ['alone', (address: S3Address) => fromStored(address)],
    [
      'beside others',
      (address: S3Address) => fromParts({ 'x.json': fromStored(address), 'b.json': { b: 1 } }),
    ],
  ])('has the bytes of a stored object whose version is deleted meanwhile, %s', async (_, model) => {
    let deleting: Promise<unknown> | undefined
    const { registry, artifacts } = await engineWith({
      artifacts: (real) => ({
        async open(address, options) {
          // Looked at and read: the deletion begins and ends before the version is recorded.
          const content = await real.open(address, options)
          deleting ??= registry.deleteModel('btc-lstm', '1.0.0')
          await deleting
          return content
        },
      }),
    })
    const { files } = await registry.saveModel({ w: 1 }, metadata)
    const [file] = files
    if (file === undefined) throw new TypeError('no file')
    await registry.saveModel(model(file.address), { ...metadata, version: '2.0.0' })
    expect(deleting).toBeDefined()
    expect(await artifacts.stat(file.address)).toMatchObject({ size: file.size })
    expect(await registry.getModel('btc-lstm', '2.0.0', { verify: 'content' })).not.toBeNull()
  })

  it('leaves alone what a slow take-back of the one before may still remove, and goes on at a place of its own', async () => {
    const [reached, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let slow = true
    const { registry, artifacts, advance, findings } = await engineWith({
      artifacts: (real) => ({
        async delete(address, options) {
          if (slow) {
            slow = false
            reached.resolve()
            await go.promise
          }
          return real.delete(address, options)
        },
      }),
      metadata: () => ({ renewReservation: async () => false }),
    })
    async function* broken() {
      yield new Uint8Array([1])
      // Once the other part is stored.
      await eventually(async () => expect(await collect(artifacts.list())).toHaveLength(1))
      throw new TypeError('the source broke')
    }
    const first = registry
      .saveModel(fromParts({ 'a.json': { a: 1 }, 'b.bin': broken() }), metadata)
      .catch((error: unknown) => error)
    await reached.promise
    advance(LEASE_MS)
    const second = await registry.saveModel(fromParts({ 'a.json': { a: 1 }, 'b.bin': { b: 1 } }), metadata)
    go.resolve()
    await first
    for (const { address, size } of second.files)
      expect(await artifacts.stat(address)).toMatchObject({ size })
    expect(await registry.getModel('btc-lstm', '1.0.0', { verify: 'content' })).not.toBeNull()
    expect(await findings()).toEqual([])
  })
})
