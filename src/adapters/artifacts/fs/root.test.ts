import { mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../../test/support/temporary-folder.js'
import { parseS3Address } from '../../../domain/s3-address.js'
import { bytes, collect, heldSource } from '../../../ports/testing/contract-bytes.js'
import { FsArtifactStore } from '../fs.js'

const address = parseS3Address('s3://models/m/model.bin')
const HOUR_MS = 3_600_000

async function incomingFile(root: string, name: string, ageMs: number): Promise<string> {
  const path = join(root, '.incoming', name)
  await mkdir(join(root, '.incoming'), { recursive: true })
  await writeFile(path, 'half')
  const touched = new Date(Date.now() - ageMs)
  await utimes(path, touched, touched)
  return path
}

describe('the root', () => {
  it('is made at the first call, with the folders above it', async () => {
    const root = join(await temporaryFolder(), 'deep', 'er')
    const store = new FsArtifactStore({ root })
    expect(await collect(store.list())).toEqual([])
    expect(await store.stat(address)).toBeUndefined()
    expect(await readdir(root)).toEqual(['.incoming'])
  })

  it('is not made by the constructor', async () => {
    const root = join(await temporaryFolder(), 'store')
    new FsArtifactStore({ root })
    await expect(stat(root)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('keeps an object at the path that the address says', async () => {
    const root = await temporaryFolder()
    await new FsArtifactStore({ root }).put(address, bytes('content'))
    expect((await stat(join(root, 'models', 'm', 'model.bin'))).size).toBe(7)
  })

  it('is shared by several stores at once', async () => {
    const root = join(await temporaryFolder(), 'store')
    const stores = Array.from({ length: 8 }, () => new FsArtifactStore({ root }))
    await Promise.all(stores.map((store, i) => store.put(parseS3Address(`s3://models/${i}/x`), bytes('x'))))
    expect(await collect(new FsArtifactStore({ root }).list())).toHaveLength(8)
  })
})

describe('unfinished uploads', () => {
  it('of a process that died are listed, with what is known of them', async () => {
    const root = await temporaryFolder()
    const at = await incomingFile(root, 'dead', HOUR_MS)
    expect(await collect(new FsArtifactStore({ root }).listUnfinished())).toEqual([
      { at, size: 4, touchedAt: (await stat(at)).mtime },
    ])
  })

  it('are removed at the first use when nothing came for a day, and not before', async () => {
    const root = await temporaryFolder()
    await incomingFile(root, 'dead', 25 * HOUR_MS)
    const alive = await incomingFile(root, 'slow', 23 * HOUR_MS)
    await new FsArtifactStore({ root }).check()
    expect(await readdir(join(root, '.incoming'))).toEqual(['slow'])
    expect((await stat(alive)).size).toBe(4)
  })

  it('may be removed by hand with their folder: the next upload makes it again', async () => {
    const root = await temporaryFolder()
    const store = new FsArtifactStore({ root })
    await store.put(address, bytes('content'))
    await rm(join(root, '.incoming'), { recursive: true })
    expect(await collect(store.listUnfinished())).toEqual([])
    await store.put(parseS3Address('s3://models/m/next'), bytes('x'))
    expect(await collect(store.list())).toHaveLength(2)
  })

  it('fail when they are removed while bytes still come', async () => {
    const root = await temporaryFolder()
    const store = new FsArtifactStore({ root })
    const { content, waiting, go } = heldSource('first', 'second')
    const put = store.put(address, content)
    await waiting
    await rm(join(root, '.incoming'), { recursive: true })
    go()
    await expect(put).rejects.toMatchObject({ code: 'S3_UPLOAD_FAILED', outcome: 'not-applied' })
    expect(await store.stat(address)).toBeUndefined()
  })
})

describe('delete', () => {
  it('removes the folders that it empties, up to the bucket', async () => {
    const root = await temporaryFolder()
    const store = new FsArtifactStore({ root })
    const [one, two] = [parseS3Address('s3://models/m/1/a/x'), parseS3Address('s3://models/m/2/x')]
    await store.put(one, bytes('x'))
    await store.put(two, bytes('x'))
    await store.delete(one)
    expect(await readdir(join(root, 'models', 'm'))).toEqual(['2'])
    await store.delete(two)
    expect(await readdir(join(root, 'models'))).toEqual([])
  })
})

it('stores the same without syncing', async () => {
  const store = new FsArtifactStore({ root: await temporaryFolder(), durability: 'none' })
  await store.put(address, bytes('content'))
  expect(await store.stat(address)).toMatchObject({ size: 7 })
  await store.delete(address)
  expect(await store.stat(address)).toBeUndefined()
})
