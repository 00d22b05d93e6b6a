import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { hasCode } from './artifacts/fs/disk-problem.js'

/**
 * Makes a folder, and those above it that are not there.
 *
 * The recursive `mkdir` of Node never returns below a folder that is there and answers ENOENT, as /proc does: it goes on
 * making the folder above.
 *
 * @returns the topmost that was made; undefined where the folder was there.
 * @throws what mkdir(2) says, such as EEXIST where a file has the name.
 */
export async function makeFolderAndParents(folder: string): Promise<string | undefined> {
  try {
    return await makeOne(folder)
  } catch (error) {
    const parent = dirname(folder)
    if (!hasCode(error, 'ENOENT') || parent === folder) throw error
    const topmost = await makeFolderAndParents(parent)
    const made = await makeOne(folder)
    return topmost ?? made
  }
}

async function makeOne(folder: string): Promise<string | undefined> {
  try {
    await mkdir(folder)
    return folder
  } catch (error) {
    const found = await stat(folder).catch(() => undefined)
    if (found?.isDirectory()) return undefined
    throw error
  }
}
