import { open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolderAndParents } from '../../make-folder-and-parents.js'
import { hasCode } from './disk-problem.js'
import { type Durability, makeFolders, syncFolders } from './folders.js'
import { uploadsIn } from './walk.js'

/** No upload is silent for so long and still alive: it writes whenever its source gives something. */
const STALE_MS = 24 * 60 * 60 * 1000

export const incomingOf = (root: string) => join(root, '.incoming')

/** Makes the root and its folder for uploads where they are not there, and removes uploads that died long ago. */
export async function prepareRoot(root: string, durability: Durability): Promise<void> {
  const topmost = await makeFolderAndParents(root).catch((error: unknown) => {
    // makeFolders says it better: a file has the name.
    if (!hasCode(error, 'EEXIST')) throw error
  })
  await makeFolders([root, incomingOf(root)])
  if (topmost) await syncFolders(from(dirname(topmost), root), durability)
  for await (const { at, touchedAt } of uploadsIn(incomingOf(root)))
    if (Date.now() - touchedAt.getTime() > STALE_MS) await rm(at, { force: true })
}

/** Writes a file and reads it back. @throws what the system says. */
export async function tryRoot(root: string, name: string): Promise<void> {
  await makeFolders([root, incomingOf(root)])
  const path = join(incomingOf(root), name)
  const handle = await open(path, 'wx+')
  try {
    // A block of its own, since a file of no bytes can be made on a full disk.
    const block = Buffer.alloc(4096, 'modelry ')
    await handle.write(block, 0, block.length, 0)
    await handle.read(Buffer.alloc(block.length), 0, block.length, 0)
  } finally {
    await handle.close()
    await rm(path, { force: true })
  }
}

/** The folders from `top` down to `bottom`, both included. */
function from(top: string, bottom: string): string[] {
  const folders = [bottom]
  for (let folder = bottom; folder !== top && dirname(folder) !== folder; folder = dirname(folder))
    folders.push(dirname(folder))
  return folders
}
