import { mkdir, open, rmdir } from 'node:fs/promises'
import { DiskProblem, hasCode } from './disk-problem.js'
import { look, refuseLink, refuseWithoutRoot } from './look.js'

/** `none` leaves the data to the system, which writes it out within about half a minute: for measurements. */
export type Durability = 'full' | 'none'

/** Makes the folders that are not there, below a root that must be. @throws DiskProblem, or what mkdir(2) says. */
export async function makeFolders([root = '', ...below]: readonly string[]): Promise<void> {
  refuseWithoutRoot(root)
  for (const folder of below) {
    const found = look(folder)
    refuseLink(found, folder)
    if (found === undefined) await makeFolder(folder)
    else if (!found.isDirectory())
      throw new DiskProblem('ENOTDIR', folder, 'a file stands where a folder is needed')
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    const found = look(folder)
    refuseLink(found, folder)
    if (found?.isFile()) throw new DiskProblem('ENOTDIR', folder, 'a file stands where a folder is needed')
  }
}

/**
 * Writes the entries of the folders to the disk, so that a name in them outlives a loss of power.
 *
 * All folders on the way are synced, not only the ones made by this call: another upload may have made one of them a
 * moment ago and not have synced it yet. Together they take little longer than one, since one commit of the journal
 * serves all.
 */
export async function syncFolders(folders: readonly string[], durability: Durability): Promise<void> {
  // Windows has no call for it; NTFS keeps a journal of its folders.
  if (durability === 'none' || process.platform === 'win32') return
  await Promise.all(folders.map(syncFolder))
}

async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    // Gone since: whoever removed it syncs what is left. EINVAL: a file system that does not sync folders.
    if (!hasCode(error, 'ENOENT', 'EINVAL')) throw error
  }
}

/**
 * Removes the folders that are empty, the deepest first; the root and the bucket stay. rmdir(2) refuses one that holds
 * something, so an upload at work in it either keeps it or makes it again.
 *
 * @returns the folders that are left.
 */
export async function pruneFolders(folders: readonly string[]): Promise<readonly string[]> {
  let left = folders.length
  try {
    for (; left > 2; left--) await rmdir(String(folders[left - 1]))
  } catch {
    // In use, or not ours to remove. An empty folder is no object, so nothing depends on it.
  }
  return folders.slice(0, left)
}
