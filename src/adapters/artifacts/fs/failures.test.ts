import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { asOtherUser } from '../../../../test/support/as-other-user.js'
import { mountMemory, remountReadOnly } from '../../../../test/support/mounted.js'
import { temporaryFolder } from '../../../../test/support/temporary-folder.js'
import { parseS3Address } from '../../../domain/s3-address.js'
import type { ArtifactStore } from '../../../ports/artifact-store.js'
import { bytes, collect, failureOf, inPieces, readAll } from '../../../ports/testing/contract-bytes.js'
import { FsArtifactStore } from '../fs.js'

const address = parseS3Address('s3://models/m/1.0.0/model.bin')
const other = parseS3Address('s3://models/m/1.0.0/other.bin')

const put = (store: ArtifactStore, at = address) => store.put(at, bytes('content'))
const calls = (store: ArtifactStore) => ({
  put: () => put(store, other),
  open: () => store.open(address),
  delete: () => store.delete(address),
  stat: () => store.stat(address),
  list: () => collect(store.list()),
  check: () => store.check(),
})

describe('a full disk', () => {
  it('fails the upload as disk-full, leaves nothing of it, and takes what fits afterwards', async ({
    skip,
  }) => {
    const root = await temporaryFolder()
    const reason = mountMemory(root, '1m')
    if (reason !== undefined) return skip(reason)
    const store = new FsArtifactStore({ root })
    const failure = await failureOf(store.put(address, inPieces(new Uint8Array(4_000_000), 65_536)))
    expect(failure).toMatchObject({
      name: 'S3UploadError',
      reason: 'disk-full',
      outcome: 'not-applied',
      leftovers: [],
      context: { s3Path: address, bucket: 'models', key: 'm/1.0.0/model.bin' },
    })
    expect(dirname(String(failure.context.localPath))).toBe(join(root, '.incoming'))
    expect(await collect(store.listUnfinished())).toEqual([])
    expect(await collect(store.list())).toEqual([])
    await store.put(address, inPieces(new Uint8Array(500_000), 65_536))
    expect(await readAll(await store.open(address))).toHaveLength(500_000)
  })

  it('ends an upload whose source gives nothing more', async ({ skip }) => {
    const root = await temporaryFolder()
    const reason = mountMemory(root, '1m')
    if (reason !== undefined) return skip(reason)
    const never = async function* () {
      yield new Uint8Array(4_000_000)
      await new Promise(() => {})
    }
    const store = new FsArtifactStore({ root })
    expect(await failureOf(store.put(address, never()))).toMatchObject({ reason: 'disk-full' })
  })

  it('is found by check', async ({ skip }) => {
    const root = await temporaryFolder()
    const reason = mountMemory(root, '64k')
    if (reason !== undefined) return skip(reason)
    const store = new FsArtifactStore({ root })
    await store.check()
    await writeFile(join(root, 'filler'), new Uint8Array(64 * 1024)).catch(() => {})
    expect(await failureOf(store.check())).toMatchObject({
      name: 'S3Error',
      reason: 'disk-full',
      context: { operation: 'a check' },
    })
  })
})

describe('a file system mounted for reading', () => {
  it('can be read and listed, and refuses the rest as fs-read-only', async ({ skip }) => {
    const root = await temporaryFolder()
    const reason = mountMemory(root, '1m') ?? (await filled(root)) ?? remountReadOnly(root)
    if (reason !== undefined) return skip(reason)
    const store = new FsArtifactStore({ root })
    expect(Buffer.from(await readAll(await store.open(address))).toString()).toBe('content')
    expect(await store.stat(address)).toMatchObject({ size: 7 })
    expect(await collect(store.list())).toHaveLength(1)
    const { put: putting, delete: deleting, check } = calls(store)
    expect(await failureOf(putting())).toMatchObject({ name: 'S3UploadError', reason: 'fs-read-only' })
    expect(await failureOf(check())).toMatchObject({ name: 'S3Error', reason: 'fs-read-only' })
    expect(await failureOf(deleting())).toMatchObject({
      name: 'S3DeleteError',
      reason: 'fs-read-only',
      outcome: 'not-applied',
    })
    expect(await store.stat(address)).toMatchObject({ size: 7 })
  })

  async function filled(root: string): Promise<undefined> {
    await put(new FsArtifactStore({ root }))
  }
})

describe('a user without rights', () => {
  it.each([
    ['read', '', 0o000, ['put', 'open', 'delete', 'stat', 'list', 'check'] as const],
    ['written', 'models/m/1.0.0', 0o555, ['put', 'delete'] as const],
    ['written to', '.incoming', 0o555, ['put', 'check'] as const],
  ])('fails as fs-permission on a folder that may not be %s', async (_, folder, mode, failing) => {
    const root = await temporaryFolder()
    const store = new FsArtifactStore({ root })
    await put(store)
    // As whoever made them, the folders would be closed to the other user altogether.
    for (const open of ['', 'models', 'models/m', 'models/m/1.0.0', '.incoming'])
      await chmod(join(root, open), 0o777)
    await chmod(join(root, folder), mode)
    const names = { put: 'S3UploadError', open: 'S3DownloadError', delete: 'S3DeleteError' }
    for (const operation of failing)
      expect(await asOtherUser(() => failureOf(calls(store)[operation]()))).toMatchObject({
        name: operation in names ? Reflect.get(names, operation) : 'S3Error',
        reason: 'fs-permission',
        outcome: 'not-applied',
      })
    await chmod(join(root, folder), 0o777)
  })

  it('fails as fs-permission on a root that it may not make', async () => {
    const above = await temporaryFolder()
    await chmod(above, 0o555)
    const store = new FsArtifactStore({ root: join(above, 'store') })
    expect(await asOtherUser(() => failureOf(put(store)))).toMatchObject({ reason: 'fs-permission' })
  })
})

describe('a root that has gone away', () => {
  it('fails every call as folder-missing, rather than that nothing is stored', async () => {
    const root = join(await temporaryFolder(), 'store')
    const store = new FsArtifactStore({ root })
    await put(store)
    await rm(root, { recursive: true })
    for (const call of Object.values(calls(store)))
      expect(await failureOf(call())).toMatchObject({
        reason: 'folder-missing',
        context: { localPath: root },
      })
  })

  it('works again once it is back', async () => {
    const root = join(await temporaryFolder(), 'store')
    const store = new FsArtifactStore({ root })
    await put(store)
    await rm(root, { recursive: true })
    await mkdir(root)
    await put(store)
    expect(await store.stat(address)).toMatchObject({ size: 7 })
  })
})

describe('a file and a folder that want one name', () => {
  it.each([
    ['below an object', 's3://models/a', 's3://models/a/b'],
    ['at the folder of an object', 's3://models/a/b', 's3://models/a'],
  ])('fails as path-blocked %s, and touches neither', async (_, first, second) => {
    const store = new FsArtifactStore({ root: await temporaryFolder() })
    await put(store, parseS3Address(first))
    expect(await failureOf(put(store, parseS3Address(second)))).toMatchObject({
      name: 'S3UploadError',
      reason: 'path-blocked',
      outcome: 'not-applied',
      context: { s3Path: second },
    })
    expect((await collect(store.list())).map((object) => String(object.address))).toEqual([first])
  })

  it('fails as path-blocked when the other comes while the bytes arrive', async () => {
    const store = new FsArtifactStore({ root: await temporaryFolder() })
    const [upper, lower] = [parseS3Address('s3://models/a'), parseS3Address('s3://models/a/b')]
    const meanwhile = async function* () {
      await put(store, lower)
      yield* bytes('late')
    }
    expect(await failureOf(store.put(upper, meanwhile()))).toMatchObject({ reason: 'path-blocked' })
    expect(await store.stat(lower)).toMatchObject({ size: 7 })
  })

  it('does not take an empty folder for an object', async () => {
    const root = await temporaryFolder()
    await mkdir(join(root, 'models', 'a'), { recursive: true })
    const store = new FsArtifactStore({ root })
    await put(store, parseS3Address('s3://models/a'))
    expect(await store.stat(parseS3Address('s3://models/a'))).toMatchObject({ size: 7 })
  })

  it('fails as path-blocked when the root is a file', async () => {
    const root = join(await temporaryFolder(), 'file')
    await writeFile(root, '')
    expect(await failureOf(put(new FsArtifactStore({ root })))).toMatchObject({ reason: 'path-blocked' })
  })
})

it('fails as name-too-long below a root that leaves no room', async ({ skip }) => {
  if (process.platform !== 'linux') skip('the limit of 4,096 bytes for a path is that of Linux')
  let root = await temporaryFolder()
  while (root.length < 3_800) root = join(root, 'r'.repeat(200))
  const long = parseS3Address(`s3://models/${`${'k'.repeat(200)}/`.repeat(4)}end`)
  const store = new FsArtifactStore({ root })
  await put(store)
  expect(await failureOf(put(store, long))).toMatchObject({ name: 'S3UploadError', reason: 'name-too-long' })
  expect(await failureOf(store.stat(long))).toMatchObject({ name: 'S3Error', reason: 'name-too-long' })
})

it('removes the folders that a refused upload has made', async () => {
  const root = await temporaryFolder()
  const store = new FsArtifactStore({ root })
  const control = new AbortController()
  const source = async function* () {
    yield* bytes('content')
    control.abort()
  }
  expect(await failureOf(store.put(address, source(), { signal: control.signal }))).toMatchObject({
    reason: 'aborted',
  })
  expect((await readdir(root)).filter((name) => name !== '.incoming')).toEqual([])
})
