import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import { makeFolder } from './make-folder.js'

it('makes what is missing, tells the topmost of it, and finds what is there', async () => {
  const root = await temporaryFolder()
  expect(await makeFolder(join(root, 'a', 'b', 'c'))).toBe(join(root, 'a'))
  expect(await makeFolder(join(root, 'a', 'b', 'd'))).toBe(join(root, 'a', 'b', 'd'))
  expect(await makeFolder(join(root, 'a'))).toBe(undefined)
})

it('lets several make the same folders at once', async () => {
  const root = await temporaryFolder()
  await Promise.all(Array.from({ length: 8 }, () => makeFolder(join(root, 'a', 'b', 'c', 'd'))))
  expect(existsSync(join(root, 'a', 'b', 'c', 'd'))).toBe(true)
})

it('ends with what the system says where a file stands', async () => {
  const root = await temporaryFolder()
  await writeFile(join(root, 'file'), '')
  await mkdir(join(root, 'folder'))
  await expect(makeFolder(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeFolder(join(root, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' })
})

it.runIf(process.platform === 'linux')('ends below a folder that takes none', async () => {
  await expect(makeFolder('/proc/modelry/a')).rejects.toMatchObject({ code: 'ENOENT' })
})
