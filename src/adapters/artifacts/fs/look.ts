import { lstatSync, type Stats, statSync } from 'node:fs'
import { DiskProblem } from './disk-problem.js'

/**
 * What is at `path`, without following a symbolic link; undefined for nothing.
 *
 * The synchronous form takes 2 µs where the promise takes 25 to 45 µs of hand-over to the thread pool, and reading one
 * record looks at every file of a version. A local file system answers from memory; a hung network mount would block
 * either form's caller.
 */
export function look(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch (error) {
    // Below a file there is nothing. Windows says ENOENT there, which gives undefined as well.
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return undefined
    throw error
  }
}

/**
 * Whether all folders stand, from the root down.
 *
 * Each is looked at, since the system would follow a symbolic link among them out of the root. Between this look and
 * the use of the path, someone who may write below the root can still put a link in a folder's place: Node offers no
 * call that opens a path without following links in its middle. Only the user that runs modelry should own the root.
 *
 * @throws DiskProblem ENOENT when the root itself is not there, ELOOP for a link, ENOTDIR for a file in the way.
 */
export function foldersStand([root = '', ...below]: readonly string[]): boolean {
  refuseWithoutRoot(root)
  for (const folder of below) {
    const found = look(folder)
    if (found === undefined) return false
    refuseLink(found, folder)
    if (!found.isDirectory())
      throw new DiskProblem('ENOTDIR', folder, 'a file stands where a folder is needed')
  }
  return true
}

/** The root itself may be a link. @throws DiskProblem ENOENT, ENOTDIR */
export function refuseWithoutRoot(root: string): void {
  const found = statSync(root, { throwIfNoEntry: false })
  if (found === undefined) throw new DiskProblem('ENOENT', root, 'the folder of the store does not exist')
  if (!found.isDirectory()) throw new DiskProblem('ENOTDIR', root, 'a file stands where the store is to be')
}

/** @throws DiskProblem */
export function refuseLink(found: Stats | undefined, path: string): void {
  if (found?.isSymbolicLink()) throw new DiskProblem('ELOOP', path, 'a symbolic link is not followed')
}
