import { truncateSync } from 'node:fs'
import { appendFile, mkdir, rename, symlink, truncate, writeFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import { FsArtifactStore } from '../adapters/artifacts/fs.js'
import { parseS3Address } from '../domain/s3-address.js'
import { collect } from '../ports/testing/contract-bytes.js'
import { fromFile } from './from-file.js'
import { toParts } from './from-value.js'
import { bytesOfPart, problemsOf, summary } from './testing/contents.js'

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), name)
  await writeFile(path, content)
  return path
}

describe('fromFile', () => {
  it('gives the file under its own name, with its size and type', async () => {
    const path = await file('net.json', '{"a":1}')
    expect(await summary(fromFile(path))).toEqual([['net.json', 'application/json', '{"a":1}']])
    expect(await toParts(fromFile(path))).toMatchObject([{ size: 7, reads: 'again' }])
    expect(await summary(fromFile(relative(process.cwd(), path)))).toHaveLength(1)
  })

  it('gives it another name and type where asked', async () => {
    const path = await file('net.json', '{}')
    expect(await summary(fromFile(path, { as: 'models/a.bin' }))).toEqual([
      ['models/a.bin', 'application/octet-stream', '{}'],
    ])
    expect(await summary(fromFile(path, { mediaType: 'x/y' }))).toEqual([['net.json', 'x/y', '{}']])
  })

  it('follows a link that the caller names', async () => {
    const path = await file('net.json', '{}')
    const link = `${path}.link`
    await symlink(path, link)
    expect(await summary(fromFile(link, { as: 'net.json' }))).toHaveLength(1)
  })

  it('reads it again and again, an empty one too', async () => {
    const content = Buffer.alloc(700_000, 'weights ')
    const [part] = await toParts(fromFile(await file('w.bin', content)))
    for (let i = 0; i < 2; i++) expect((await bytesOfPart(part)).equals(content)).toBe(true)
    expect(await summary(fromFile(await file('empty', '')))).toEqual([
      ['empty', 'application/octet-stream', ''],
    ])
  })

  it('refuses what is not there, a folder, a device and a name that cannot be kept', async () => {
    const folder = await temporaryFolder()
    expect(await problemsOf(fromFile(join(folder, 'none')))).toEqual([
      expect.stringMatching(/found nothing at .*none/),
    ])
    expect(await problemsOf(fromFile(folder))).toEqual([expect.stringMatching(/given with fromFolder/)])
    expect(await problemsOf(fromFile('/dev/null'))).toEqual([
      expect.stringMatching(/a device, a pipe or a socket/),
    ])
    const odd = await file('what?.bin', 'x')
    expect(await problemsOf(fromFile(odd))).toEqual([expect.stringContaining(basename(odd))])
  })

  it.each([
    [
      'grows',
      (path: string) => appendFile(path, 'more'),
      /had 600000 bytes when the save began, and has 600004/,
    ],
    ['shrinks', (path: string) => truncate(path, 10), /had 600000 bytes when the save began, and has 10/],
    [
      'is replaced',
      async (path: string) => {
        await writeFile(`${path}.new`, Buffer.alloc(600_000))
        await rename(`${path}.new`, path)
      },
      /Another file has taken the place/,
    ],
    ['is written to', (path: string) => writeFile(path, Buffer.alloc(600_000, 'b')), /was written to while/],
  ])('fails when the file %s before it is read', async (_, change, message) => {
    const path = await file('w.bin', Buffer.alloc(600_000, 'a'))
    const [part] = await toParts(fromFile(path))
    await change(path)
    await expect(bytesOfPart(part)).rejects.toThrow(message)
  })

  it.each([
    ['grows', (path: string) => appendFile(path, 'more'), /600004/],
    ['shrinks', (path: string) => truncate(path, 300_000), /ended after 300000 of its 600000 bytes/],
  ])(
    'fails when the file %s while it is read, and never gives more than was announced',
    async (_, change, message) => {
      const path = await file('w.bin', Buffer.alloc(600_000, 'a'))
      const [part] = await toParts(fromFile(path))
      if (part?.is !== 'bytes') throw new TypeError('a part with bytes is needed')
      let size = 0
      const reading = async () => {
        for await (const piece of part.open()) {
          if (size === 0) await change(path)
          size += piece.length
        }
      }
      await expect(reading()).rejects.toThrow(message)
      expect(size).toBeLessThanOrEqual(600_000)
    },
  )

  it('is a failed source to a store, which then keeps nothing', async () => {
    const path = await file('w.bin', Buffer.alloc(600_000, 'a'))
    const [part] = await toParts(fromFile(path))
    if (part?.is !== 'bytes') throw new TypeError('a part with bytes is needed')
    const store = new FsArtifactStore({ root: await temporaryFolder() })
    const onProgress = (bytes: number) => bytes < 600_000 && truncateSync(path, 300_000)
    const expected = { size: 600_000 }
    await expect(
      store.put(parseS3Address('s3://models/w.bin'), part.open(), { expected, onProgress }),
    ).rejects.toMatchObject({
      code: 'S3_UPLOAD_FAILED',
      reason: { id: 'source-failed' },
      cause: expect.objectContaining({ message: expect.stringContaining(path) }),
    })
    expect(await collect(store.list())).toEqual([])
  })

  it('fails when the file is gone by the time it is read', async () => {
    const path = await file('w.bin', 'x')
    const [part] = await toParts(fromFile(path))
    await mkdir(`${path}.d`)
    await rename(path, join(`${path}.d`, 'moved'))
    await expect(bytesOfPart(part)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
