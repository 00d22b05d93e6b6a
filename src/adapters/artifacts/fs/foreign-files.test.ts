import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { makeFifo } from '../../../../test/support/make-fifo.js'
import { temporaryFolder } from '../../../../test/support/temporary-folder.js'
import { parseS3Address } from '../../../domain/s3-address.js'
import { bytes, collect, failureOf, readAll } from '../../../ports/testing/contract-bytes.js'
import { FsArtifactStore } from '../fs.js'

describe('a symbolic link planted below the root', () => {
  let root: string
  let outside: string
  let store: FsArtifactStore
  const put = (at: string) => store.put(parseS3Address(at), bytes('content'))

  beforeEach(async () => {
    root = await temporaryFolder()
    outside = await temporaryFolder()
    await writeFile(join(outside, 'secret.txt'), 'secret')
    store = new FsArtifactStore({ root })
    await put('s3://models/m/model.bin')
  })

  it.each([
    ['in place of a folder', 's3://models/link/secret.txt', (at: string) => join(at, 'models', 'link')],
    ['in place of a bucket', 's3://link/secret.txt', (at: string) => join(at, 'link')],
    ['in the middle', 's3://models/m/link/deep/secret.txt', (at: string) => join(at, 'models', 'm', 'link')],
  ])('leads nowhere %s', async (_, text, linkAt) => {
    await mkdir(join(outside, 'deep'))
    await writeFile(join(outside, 'deep', 'secret.txt'), 'secret')
    await symlink(outside, linkAt(root))
    const address = parseS3Address(text)
    const before = await readdir(outside, { recursive: true })
    for (const call of [
      () => store.open(address),
      () => store.put(address, bytes('mine')),
      () => put(text.replace('secret', 'new')),
      () => store.delete(address),
      () => collect(store.list(address)),
    ])
      expect(await failureOf(call())).toMatchObject({
        reason: 'symlink-refused',
        outcome: 'not-applied',
        context: { localPath: linkAt(root) },
      })
    expect(await readdir(outside, { recursive: true })).toEqual(before)
    expect(await readFile(join(outside, 'secret.txt'), 'utf8')).toBe('secret')
  })

  it.each([
    ['to a file', () => join(outside, 'secret.txt')],
    ['to a folder', () => outside],
    ['to nowhere', () => join(outside, 'nowhere')],
    ['to an object of the store', () => join(root, 'models', 'm', 'model.bin')],
  ])('is no object itself: %s', async (_, target) => {
    await symlink(target(), join(root, 'models', 'm', 'link'))
    const address = parseS3Address('s3://models/m/link')
    for (const call of [
      () => store.open(address),
      () => store.put(address, bytes('mine')),
      () => store.delete(address),
      () => store.stat(address),
      () => collect(store.list(address)),
    ])
      expect(await failureOf(call())).toMatchObject({ reason: 'symlink-refused' })
    expect(await readdir(join(root, 'models', 'm'))).toContain('link')
    expect(await readdir(outside)).toEqual(['secret.txt'])
  })

  it('is not gone into by a listing', async () => {
    await symlink(outside, join(root, 'models', 'folder'))
    await symlink(join(outside, 'secret.txt'), join(root, 'models', 'file'))
    await symlink(root, join(root, 'models', 'circle'))
    await symlink(outside, join(root, 'bucket'))
    expect((await collect(store.list())).map(({ address }) => String(address))).toEqual([
      's3://models/m/model.bin',
    ])
  })

  it('does not take the uploads out of the root', async () => {
    await rm(join(root, '.incoming'), { recursive: true })
    await symlink(outside, join(root, '.incoming'))
    expect(await failureOf(put('s3://models/new'))).toMatchObject({ reason: 'symlink-refused' })
    expect(await failureOf(store.check())).toMatchObject({ reason: 'symlink-refused' })
    expect(await readdir(outside)).toEqual(['secret.txt'])
  })

  it('may be the root itself', async () => {
    const link = join(outside, 'root')
    await symlink(root, link)
    const linked = new FsArtifactStore({ root: link })
    const address = parseS3Address('s3://models/m/model.bin')
    expect(Buffer.from(await readAll(await linked.open(address))).toString()).toBe('content')
    await linked.put(parseS3Address('s3://models/other'), bytes('x'))
    expect(await collect(linked.list())).toHaveLength(2)
  })
})

describe('what is no object below the root', () => {
  it('is neither read nor waited for when it is a pipe', async ({ skip }) => {
    if (process.platform === 'win32') return skip('Windows has no such pipes')
    const root = await temporaryFolder()
    await mkdir(join(root, 'models'))
    makeFifo(join(root, 'models', 'pipe'))
    const store = new FsArtifactStore({ root })
    const address = parseS3Address('s3://models/pipe')
    expect(await failureOf(store.open(address))).toMatchObject({ reason: 'object-missing' })
    expect(await store.stat(address)).toBeUndefined()
    expect(await collect(store.list())).toEqual([])
    expect(await failureOf(store.put(address, bytes('x')))).toMatchObject({ reason: 'object-exists' })
  })

  it('is not listed when it has no address', async ({ skip }) => {
    if (process.platform === 'win32') return skip('Windows refuses these names itself')
    const root = await temporaryFolder()
    await mkdir(join(root, 'models', 'sub'), { recursive: true })
    await mkdir(join(root, 'Not A Bucket'))
    for (const path of [
      'models/what?',
      'models/sub/ends.',
      'models/sub/fine',
      'Not A Bucket/x',
      'at-the-top',
    ])
      await writeFile(join(root, path), 'x')
    expect(
      (await collect(new FsArtifactStore({ root }).list())).map(({ address }) => String(address)),
    ).toEqual(['s3://models/sub/fine'])
  })
})
