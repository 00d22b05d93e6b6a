import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import { makeFolderAndParents } from './make-folder-and-parents.js'

it('makes what is missing, tells the topmost of it, and finds what is there', async () => {
  const root = await temporaryFolder()
  expect(await makeFolderAndParents(join(root, 'a', 'b', 'c'))).toBe(join(root, 'a'))
  expect(await makeFolderAndParents(join(root, 'a', 'b', 'd'))).toBe(join(root, 'a', 'b', 'd'))
  expect(await makeFolderAndParents(join(root, 'a'))).toBe(undefined)
})

it('lets several make the same folders at once', async () => {
  const root = await temporaryFolder()
  await Promise.all(Array.from({ length: 8 }, () => makeFolderAndParents(join(root, 'a', 'b', 'c', 'd'))))
  expect(existsSync(join(root, 'a', 'b', 'c', 'd'))).toBe(true)
})

it('ends with what the system says where a file stands', async () => {
  const root = await temporaryFolder()
  await writeFile(join(root, 'file'), '')
  await mkdir(join(root, 'folder'))
  await expect(makeFolderAndParents(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeFolderAndParents(join(root, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' })
})

it.runIf(process.platform === 'linux')('ends below a folder that takes none', async () => {
  await expect(makeFolderAndParents('/proc/modelry/a')).rejects.toMatchObject({ code: 'ENOENT' })
})
