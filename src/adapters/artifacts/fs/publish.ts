import { createHash } from 'node:crypto'
import { link, open, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { DiskProblem, hasCode } from './disk-problem.js'
import { makeFolders } from './folders.js'
import { look, refuseLink } from './look.js'
import type { Place } from './place.js'

/**
 * How a complete upload gets its name.
 *
 * - `link`: link(2), which fails when the name exists. Where the file system has no hard links (FAT, exFAT, some
 *   network mounts), `reservation` is used by itself.
 * - `reservation`: a file named after the address is made first, exclusively; whoever made it looks whether the
 *   name is free, renames the upload to it, and removes the reservation.
 *
 * All processes on one root must use the same way, which they do as long as the file system decides.
 */
export type Publishing = 'link' | 'reservation'

/** A removal may take a folder away between its making and its use; each such loss means that a removal succeeded. */
const MOST_ATTEMPTS = 1_000

/** Reservations are held for the time of one rename. */
const RESERVATION_WAIT_MS = 5_000

/** @throws DiskProblem EEXIST when an object is there, EISDIR for a folder; what the system says. */
export async function publish(incoming: string, place: Place, publishing: Publishing): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await makeFolders(place.folders)
      return await (publishing === 'link' ? linkOrReserve(incoming, place) : reserve(incoming, place))
    } catch (error) {
      const folderWentAway = hasCode(error, 'ENOENT') && look(incoming) !== undefined && rootStands(place)
      if (!folderWentAway || attempt === MOST_ATTEMPTS) throw error
    }
  }
}

/** @throws DiskProblem when something has the name already. An empty folder is no object and is removed. */
export async function refuseTaken(place: Place): Promise<void> {
  const found = look(place.path)
  if (found === undefined) return
  refuseLink(found, place.path)
  if (!found.isDirectory()) throw new DiskProblem('EEXIST', place.path, 'an object has this address')
  try {
    await rmdir(place.path)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return
    throw new DiskProblem('EISDIR', place.path, 'a folder stands where the file is to be')
  }
}

const rootStands = ({ folders: [root] }: Place) => root !== undefined && look(root) !== undefined

async function linkOrReserve(incoming: string, place: Place): Promise<void> {
  try {
    await link(incoming, place.path)
  } catch (error) {
    if (hasCode(error, 'EEXIST')) {
      await refuseTaken(place)
      return linkOrReserve(incoming, place)
    }
    if (!hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) throw error
    return reserve(incoming, place)
  }
}

/**
 * A reservation that a crash left blocks its address until it is removed, by hand or by the clearing of `.incoming`:
 * taking it over could overwrite an object, if its maker is only paused.
 */
async function reserve(incoming: string, place: Place): Promise<void> {
  const name = createHash('sha256').update(place.address).digest('hex')
  const reservation = join(dirname(incoming), `${name}.reserved`)
  const deadline = performance.now() + RESERVATION_WAIT_MS
  while (!(await made(reservation))) {
    await refuseTaken(place)
    if (performance.now() > deadline)
      throw new DiskProblem('EBUSY', reservation, `${place.address} stays reserved by another upload`)
    await setTimeout(5)
  }
  try {
    await refuseTaken(place)
    await rename(incoming, place.path)
  } finally {
    await rm(reservation, { force: true })
  }
}

async function made(reservation: string): Promise<boolean> {
  try {
    await (await open(reservation, 'wx')).close()
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}
