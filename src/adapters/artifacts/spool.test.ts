import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.js'
import { parseS3Address } from '../../domain/s3-address.js'
import { connectionRefused, timedOut } from '../../errors/causes/network.js'
import { S3UploadError } from '../../errors/s3-upload-failed/error.js'
import { artifactStoreContract } from '../../ports/artifact-store.contract.js'
import type { ArtifactStore, Bytes, PutOptions } from '../../ports/artifact-store.js'
import { bytes, collect, failureOf, readAll, sha256Of, utf8 } from '../../ports/testing/contract-bytes.js'
import { S3CircuitBreaker } from '../circuit-breaker.js'
import { withCircuitBreaker } from '../circuit-breaker-store.js'
import { FsArtifactStore } from './fs.js'
import { awayStore } from './spool/testing/away-store.js'
import { SpooledArtifactStore } from './spool.js'

const MIB = 1024 ** 2

artifactStoreContract('fs with a spool', async () => {
  const folder = await temporaryFolder()
  return new SpooledArtifactStore(new FsArtifactStore({ root: join(folder, 'store') }), {
    folder: join(folder, 'spool'),
    maxBytes: 1024 * MIB,
  })
})

const address = parseS3Address('s3://models/btc/1.0.0/w.bin')
const other = parseS3Address('s3://models/btc/1.0.0/x.bin')

async function subject({ maxBytes = 10 * MIB, minimumCalls = 100 } = {}) {
  const folder = await temporaryFolder()
  const { store: real, link } = awayStore(new FsArtifactStore({ root: join(folder, 'store') }))
  const guarded = withCircuitBreaker(real, new S3CircuitBreaker({ minimumCalls }), { bucket: 'models' })
  const options = { folder: join(folder, 'spool'), maxBytes }
  return {
    link,
    real,
    options,
    store: new SpooledArtifactStore(guarded, options),
    again: () => new SpooledArtifactStore(guarded, options),
  }
}

const textOf = async (store: ArtifactStore) =>
  Buffer.from(await readAll(await store.open(address))).toString()
const again = (text: string): [Bytes, PutOptions] => [bytes(text), { reopen: () => bytes(text) }]
const expectedOf = (text: string) => ({ sha256: sha256Of(utf8(text)), size: utf8(text).length })

/** MiB that are filled with their number, and can be read once. */
async function* pieces(count: number) {
  for (let n = 0; n < count; n++) yield new Uint8Array(MIB).fill(n)
}

describe('a store with a spool', () => {
  it('keeps what an open breaker refuses, though it can be read only once, and serves it', async () => {
    const { store, link } = await subject({ minimumCalls: 1 })
    link.away = true
    await failureOf(store.stat(address))
    const kept = await store.put(address, bytes('weights'), { expected: expectedOf('weights') })
    expect(kept).toMatchObject({ ...expectedOf('weights'), heldBy: await store.holder() })
    expect(link.puts).toBe(0)
    expect(await textOf(store)).toBe('weights')
    expect(await store.stat(address)).toMatchObject({ size: 7, heldBy: await store.holder() })
    expect(
      Buffer.from(await readAll(await store.open(address, { range: { start: 2, end: 4 } }))).toString(),
    ).toBe('ig')
  })

  it('keeps what an outage ended in the middle, where it can be read again', async () => {
    const { store, link } = await subject()
    link.breakAfterBytes = 3
    expect(await store.put(address, ...again('weights'))).toMatchObject(expectedOf('weights'))
    expect(await textOf(store)).toBe('weights')
  })

  it('keeps a stream of which the store has read no more than its beginning', async () => {
    const { store, link } = await subject({ maxBytes: 100 * MIB })
    link.breakAfterBytes = 8 * MIB
    expect(await store.put(address, pieces(12))).toMatchObject({
      size: 12 * MIB,
      heldBy: await store.holder(),
    })
    const kept = await readAll(await store.open(address))
    expect(Array.from({ length: 12 }, (_, n) => kept[n * MIB])).toEqual(
      Array.from({ length: 12 }, (_, n) => n),
    )
  })

  it('tells a stream to end that it has no room for', async () => {
    const { store, link } = await subject({ maxBytes: 4 })
    link.breakAfterBytes = 1
    const ended = Promise.withResolvers<void>()
    async function* endless() {
      try {
        for (;;) yield new Uint8Array(1)
      } finally {
        ended.resolve()
      }
    }
    expect(await failureOf(store.put(address, endless(), { expected: { size: 100 } }))).toMatchObject({
      reason: 'spool-full',
    })
    await ended.promise
  })

  it('says of a stream that an outage ended in the middle that it could not be kept', async () => {
    const { store, link } = await subject({ maxBytes: 100 * MIB })
    link.breakAfterBytes = 10 * MIB
    const error = await store.put(address, pieces(12)).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(S3UploadError)
    expect(error).toMatchObject({ reason: { id: 'timed-out' }, outcome: 'not-applied' })
    expect(String(error)).toContain(`The spool ${store.folder} could not keep it, since part of the stream`)
    expect(await store.usage()).toEqual({ files: 0, bytes: 0 })
  })

  it('keeps nothing that the store refuses, or that its caller ends', async () => {
    const { store, link } = await subject()
    await store.put(address, bytes('first'))
    expect(await failureOf(store.put(address, ...again('x')))).toMatchObject({ reason: 'object-exists' })
    link.away = true
    const ended = new AbortController()
    const source = async function* () {
      ended.abort()
      yield* bytes('x')
    }
    const options = { signal: ended.signal, reopen: source }
    expect(await failureOf(store.put(other, source(), options))).toMatchObject({ reason: 'timed-out' })
    expect(await store.usage()).toEqual({ files: 0, bytes: 0 })
    expect(await store.holder()).toBeUndefined()
  })

  it('writes an address once, also in the spool', async () => {
    const { store, link } = await subject()
    link.away = true
    await store.put(address, ...again('weights'))
    for (const away of [true, false]) {
      link.away = away
      expect(await failureOf(store.put(address, ...again('other')))).toMatchObject({
        reason: 'object-exists',
      })
    }
    expect(await textOf(store)).toBe('weights')
  })

  it('has a limit, counts what is there, and names both in the refusal', async () => {
    const { store, link } = await subject({ maxBytes: 10 })
    link.away = true
    await store.put(address, ...again('1234567'))
    const refused = await store
      .put(other, bytes('1234'), { reopen: () => bytes('1234') })
      .catch((e: unknown) => e)
    expect(refused).toMatchObject({
      code: 'S3_UPLOAD_FAILED',
      reason: { id: 'spool-full' },
      outcome: 'not-applied',
    })
    expect(String(refused)).toContain(`the spool ${store.folder} has 3 bytes left of its limit of 10`)
    let read = false
    const source = async function* () {
      read = true
      yield* bytes('1234')
    }
    const known = { expected: { size: 4 }, reopen: source }
    expect(await failureOf(store.put(other, bytes('1234'), known))).toMatchObject({ reason: 'spool-full' })
    expect(read).toBe(false)
    expect(await store.usage()).toEqual({ files: 1, bytes: 7 })
    expect(await store.put(other, ...again('123'))).toMatchObject({ size: 3 })
  })

  it('does not promise the same room twice', async () => {
    const { store, link } = await subject({ maxBytes: 10 })
    link.away = true
    const put = (at: typeof address) => store.put(at, ...withSize('123456'))
    const results = await Promise.allSettled([put(address), put(other)])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('tells what is wrong with the disk of the spool', async () => {
    const { store, link, options } = await subject()
    link.away = true
    await writeFile(options.folder, 'a file in its place')
    expect(await failureOf(store.put(address, ...again('x')))).toMatchObject({
      name: 'S3UploadError',
      reason: 'path-blocked',
      context: { localPath: options.folder },
    })
  })

  it('lists what is pending beside what the store has, each once', async () => {
    const { store, link } = await subject()
    await store.put(other, bytes('sent'))
    link.away = true
    await store.put(address, ...again('weights'))
    link.away = false
    const holder = await store.holder()
    const listed = await collect(store.list())
    expect(listed.map((object) => [object.address, object.heldBy])).toEqual([
      [address, holder],
      [other, undefined],
    ])
    await store.carry(address, expectedOf('weights'))
    expect((await collect(store.list())).map((object) => object.address).sort()).toEqual(
      [address, other].sort(),
    )
  })

  it('removes what the store never saw without asking the store', async () => {
    const { store, link } = await subject({ minimumCalls: 1 })
    link.away = true
    await failureOf(store.stat(address))
    await store.put(address, bytes('weights'))
    await store.delete(address)
    expect(await store.usage()).toEqual({ files: 0, bytes: 0 })
  })

  it('removes what the store may have got from both, or from neither', async () => {
    const { store, link, real } = await subject()
    link.loseAnswers = true
    await store.put(address, ...again('weights'))
    link.loseAnswers = false
    link.away = true
    expect(await failureOf(store.delete(address))).toMatchObject({ name: 'S3Error', reason: 'timed-out' })
    expect(await textOf(store)).toBe('weights')
    link.away = false
    await store.delete(address)
    expect(await real.stat(address)).toBeUndefined()
    expect(await store.stat(address)).toBeUndefined()
  })

  it('is the same to every process, and tells itself from others', async () => {
    const { store, link, again: reopened } = await subject()
    const elsewhere = await subject()
    for (const each of [link, elsewhere.link]) each.away = true
    const both = [store, reopened()]
    await Promise.all(both.map((each, n) => each.put([address, other][n] ?? address, ...again('weights'))))
    expect(await both[0]?.holder()).toBe(await both[1]?.holder())
    expect(await collect(reopened().listUnfinished()).catch(() => [])).toEqual([])
    await elsewhere.store.put(address, ...again('weights'))
    expect(await elsewhere.store.holder()).not.toBe(await store.holder())
    expect(await readdir(store.folder)).not.toContainEqual(expect.stringMatching(/^\./))
  })

  it.each([
    ['is removed', (path: string) => rm(path)],
    ['is empty', (path: string) => writeFile(path, '')],
    ['holds something else', (path: string) => writeFile(path, '{"name":"x"}')],
  ])('gets a new name when its spool.json %s, and still serves what it keeps', async (_, damage) => {
    const { store, link } = await subject()
    link.away = true
    await store.put(address, ...again('weights'))
    const named = await store.holder()
    await damage(join(store.folder, 'spool.json'))
    expect(await textOf(store)).toBe('weights')
    const renamed = await store.holder()
    expect(renamed).not.toBe(named)
    expect(await store.holder()).toBe(renamed)
    expect(await store.stat(address)).toMatchObject({ size: 7, heldBy: renamed })
    expect(await store.usage()).toEqual({ files: 1, bytes: 7 })
    expect(await readdir(store.folder)).not.toContainEqual(expect.stringMatching(/^\./))
  })

  it('says of a folder that cannot be read which it is', async () => {
    const { store, link } = await subject()
    link.away = true
    await store.put(address, ...again('weights'))
    await rm(join(store.folder, 'spool.json'))
    await mkdir(join(store.folder, 'spool.json'))
    const error = await failureOf(store.stat(address))
    expect(error).toMatchObject({ name: 'S3Error', cause: { code: 'EISDIR' } })
    expect(error.context).toMatchObject({ localPath: expect.stringContaining(store.folder) })
  })

  it('gives what the store has to whoever asks for that, whatever a save that died has left in the folder', async () => {
    const { store, link, real } = await subject()
    link.away = true
    await store.put(address, ...again('stale!!'))
    link.away = false
    await real.put(address, bytes('weights'))
    expect(await store.stat(address, { from: 'store' })).not.toHaveProperty('heldBy')
    const range = { start: 0, end: 3 }
    expect(Buffer.from(await readAll(await store.open(address, { range, from: 'store' }))).toString()).toBe(
      'wei',
    )
    await store.delete(address, { from: 'store' })
    expect(await real.stat(address)).toBeUndefined()
    expect(store.has(address)).toBe(false)
  })

  it('does without a folder that somebody has removed', async () => {
    const { store, link } = await subject()
    await store.put(other, bytes('sent'))
    link.away = true
    await store.put(address, ...again('weights'))
    link.away = false
    await rm(store.folder, { recursive: true })
    expect(await store.stat(address)).toBeUndefined()
    expect(await store.stat(other)).toMatchObject({ size: 4 })
    expect(await store.holder()).toBeUndefined()
  })
})

describe('carrying over', () => {
  it('sends the object whole, and once', async () => {
    const { store, link, real } = await subject()
    link.away = true
    await store.put(address, ...again('weights'))
    expect(await failureOf(store.carry(address, expectedOf('weights')))).toMatchObject({
      reason: 'timed-out',
    })
    link.away = false
    await store.carry(address, expectedOf('weights'))
    await store.carry(address, expectedOf('weights'))
    expect(await textOf(real)).toBe('weights')
    await store.drop(address)
    expect(await store.stat(address)).toEqual(await real.stat(address))
    await store.carry(address, expectedOf('weights'))
  })

  it('takes what a lost answer has left in the store for what it is', async () => {
    const { store, link } = await subject()
    link.loseAnswers = true
    await store.put(address, ...again('weights'))
    link.loseAnswers = false
    await store.carry(address, expectedOf('weights'))
  })

  it('refuses where the store has something else, or the spool something that was damaged', async () => {
    const { store, link, real } = await subject()
    link.away = true
    await store.put(address, ...again('weights'))
    await store.put(other, ...again('weights'))
    link.away = false
    await real.put(address, bytes('strange'))
    expect(await failureOf(store.carry(address, expectedOf('weights')))).toMatchObject({
      reason: 'object-exists',
    })
    const path = join(store.folder, 'objects/models/btc/1.0.0/x.bin')
    await chmod(path, 0o600)
    await writeFile(path, 'weighty')
    expect(await failureOf(store.carry(other, expectedOf('weights')))).toMatchObject({
      reason: 'checksum-mismatch',
    })
    expect(await textOf(store)).toBe('weights')
  })
})

function withSize(text: string): [Bytes, PutOptions] {
  return [bytes(text), { expected: { size: text.length }, reopen: () => bytes(text) }]
}

/** Causes that the tests of the spool rely on being outages. */
it('takes an outage for what the breaker takes for one', async () => {
  const { store } = await subject()
  const error = (reason: typeof timedOut) => new S3UploadError({ s3Path: address }, { reason })
  expect([timedOut, connectionRefused].map((reason) => store.isAway(error(reason)))).toEqual([true, true])
})
