import { chown, stat, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mountMemory } from '../mounted.js'
import { temporaryFolder } from '../temporary-folder.js'
import { connect } from './connect.js'
import { freshName } from './fresh-database.js'
import type { PostgresServer } from './server.js'

/**
 * A new database on a disk of its own, of 32 MB.
 *
 * @param skip - ends the test where this machine gives no disk.
 */
export async function databaseOnSmallDisk(server: PostgresServer, skip: (reason: string) => never) {
  const disk = await temporaryFolder()
  const reason = mountMemory(disk, '32m')
  if (reason !== undefined) skip(reason)
  const { uid, gid } = await stat(server.data)
  await chown(disk, uid, gid)
  const url = freshName(server.url())
  const admin = await connect(server.url())
  await admin.query(`create tablespace small location '${disk}'`)
  await admin.query(`create database ${new URL(url).pathname.slice(1)} tablespace small`)
  await admin.end()
  return {
    url,
    /** Leaves half a megabyte. @returns the file that takes up the rest. */
    async fill(): Promise<string> {
      const { bavail, bsize } = await statfs(disk)
      const ballast = join(disk, 'ballast')
      await writeFile(ballast, new Uint8Array(bavail * bsize - 512 * 1024))
      return ballast
    },
  }
}
