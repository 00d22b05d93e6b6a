import { mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import { type FileToWrite, writeFiles } from './to-folder.js'

const file = (path: string): FileToWrite => ({
  path,
  address: `s3://models/${path}`,
  open: async () =>
    (async function* () {
      yield new TextEncoder().encode(path)
    })(),
})

async function folders() {
  const home = await temporaryFolder()
  const [inside, outside] = [join(home, 'inside'), join(home, 'outside')]
  await Promise.all([mkdir(inside), mkdir(outside)])
  return { inside, outside }
}

const write = (folder: string, ...paths: string[]) => writeFiles(folder, paths.map(file), () => {})

it('makes the folders that the paths need, and the folder itself', async () => {
  const { inside } = await folders()
  const root = join(inside, 'new/er')
  expect(await write(root, 'a.bin', 'b/c/d.bin', 'b/c/e.bin')).toHaveLength(3)
  expect(await readFile(join(root, 'b/c/d.bin'), 'utf8')).toBe('b/c/d.bin')
})

it('makes nothing behind a link that leads out of the folder', async () => {
  const { inside, outside } = await folders()
  await symlink(outside, join(inside, 'out'))
  await expect(write(inside, 'out/a/b/c.bin')).rejects.toMatchObject({ code: 'MODEL_VALIDATION_FAILED' })
  await expect(write(inside, 'out/c.bin')).rejects.toMatchObject({ code: 'MODEL_VALIDATION_FAILED' })
  expect(await readdir(outside)).toEqual([])
})

it('makes nothing behind a link that leads nowhere', async () => {
  const { inside, outside } = await folders()
  await symlink(join(outside, 'later'), join(inside, 'out'))
  await expect(write(inside, 'out/a.bin')).rejects.toMatchObject({ code: 'MODEL_VALIDATION_FAILED' })
  expect(await readdir(outside)).toEqual([])
})

it('goes through a link that stays inside, and through one that is the folder itself', async () => {
  const { inside, outside } = await folders()
  await mkdir(join(inside, 'real'))
  await symlink('real', join(inside, 'link'))
  await symlink(inside, join(outside, 'way'))
  await write(join(outside, 'way'), 'link/a/b.bin')
  expect(await readFile(join(inside, 'real/a/b.bin'), 'utf8')).toBe('link/a/b.bin')
})
