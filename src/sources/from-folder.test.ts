import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFifo } from '../../test/support/make-fifo.js'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import { fromFolder } from './from-folder.js'
import { toParts } from './from-value.js'
import { bytesOfPart, problemsOf, summary } from './testing/contents.js'

async function folder(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await temporaryFolder()
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  return root
}

describe('fromFolder', () => {
  it('gives every file below the folder, hidden ones too, in the order of their paths', async () => {
    const root = await folder({
      'b/c.json': '1',
      'a.txt': '2',
      'b.txt': '3',
      'b/a/é.bin': '4',
      '.hidden': '5',
    })
    await mkdir(join(root, 'empty'))
    expect(await summary(fromFolder(root))).toEqual([
      ['.hidden', 'application/octet-stream', '5'],
      ['a.txt', 'text/plain; charset=utf-8', '2'],
      ['b.txt', 'text/plain; charset=utf-8', '3'],
      ['b/a/é.bin', 'application/octet-stream', '4'],
      ['b/c.json', 'application/json', '1'],
    ])
  })

  it('refuses an empty folder, one that is not there, and a file', async () => {
    const root = await folder({})
    expect(await problemsOf(fromFolder(root))).toEqual([expect.stringMatching(/which holds no file/)])
    expect(await problemsOf(fromFolder(join(root, 'none')))).toEqual([expect.stringMatching(/nothing at/)])
    const file = join(await folder({ x: '1' }), 'x')
    expect(await problemsOf(fromFolder(file))).toEqual([expect.stringMatching(/given with fromFile/)])
  })

  it('refuses every symbolic link, wherever it leads, and says which', async () => {
    const root = await folder({ 'in/model.bin': 'x', 'fine.bin': 'y' })
    await symlink('/etc/hostname', join(root, 'out'))
    await symlink('model.bin', join(root, 'in', 'beside'))
    await symlink('..', join(root, 'in', 'up'))
    await symlink('nowhere', join(root, 'dangling'))
    expect((await problemsOf(fromFolder(root))).sort()).toEqual([
      expect.stringMatching(/^dangling: found a symbolic link to nowhere/),
      expect.stringMatching(/^in\/beside: found a symbolic link to model.bin, .*cp -RL/),
      expect.stringMatching(/^in\/up: found a symbolic link to \.\./),
      expect.stringMatching(/^out: found a symbolic link to \/etc\/hostname/),
    ])
  })

  it('refuses pipes without waiting for a writer', async ({ skip }) => {
    if (process.platform === 'win32') skip('Windows has no such pipes')
    const root = await folder({ a: '1' })
    makeFifo(join(root, 'pipe'))
    expect(await problemsOf(fromFolder(root))).toEqual([
      expect.stringMatching(/^pipe: found a device, a pipe/),
    ])
  })

  it('refuses names that no store can keep, all at once', async ({ skip }) => {
    if (process.platform === 'win32') skip('Windows refuses these names itself')
    const root = await folder({ 'a?': '1', 'b/nul': '2', 'c.': '3', 'd\u202Egnp.exe': '4', fine: '5' })
    expect(await problemsOf(fromFolder(root))).toHaveLength(4)
  })

  it('refuses names that differ only in case', async ({ skip }) => {
    const root = await folder({ 'Model.bin': '1' })
    await writeFile(join(root, 'model.bin'), '2')
    if ((await summary(fromFolder(root)).catch(() => [])).length === 1) skip('this file system ignores case')
    expect(await problemsOf(fromFolder(root))).toEqual([expect.stringMatching(/in more than case/)])
  })

  it('refuses a name that is not UTF-8', async ({ skip }) => {
    if (process.platform !== 'linux') skip('only Linux keeps such names')
    const root = await folder({ fine: '1' })
    await writeFile(Buffer.concat([Buffer.from(`${root}/bad-`), Buffer.from([0xff])]), 'x')
    expect(await problemsOf(fromFolder(root))).toEqual([expect.stringMatching(/whose name is not UTF-8/)])
  })

  it('does not read through a link that takes the place of a file', async () => {
    const root = await folder({ 'a/b.bin': 'inside' })
    const other = await folder({ 'b.bin': 'outside' })
    const [part] = await toParts(fromFolder(root))
    await rename(join(root, 'a'), join(root, 'moved'))
    await symlink(other, join(root, 'a'))
    await expect(bytesOfPart(part)).rejects.toThrow(/Another file has taken the place/)
  })
})
