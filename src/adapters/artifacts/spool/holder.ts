import { randomBytes, randomUUID } from 'node:crypto'
import { link, open, readFile, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { makeFolderAndParents } from '../../make-folder-and-parents.js'
import { DiskProblem, hasCode } from '../fs/disk-problem.js'
import { syncFolders } from '../fs/folders.js'

const FILE = 'spool.json'
const schema = z.object({ holder: z.string().min(1) })

/** The name of the spool in `folder`; undefined where there is none that can be understood. */
export async function readHolder(folder: string): Promise<string | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(join(folder, FILE), 'utf8'))).holder
  } catch (error) {
    if (hasCode(error, 'ENOENT') || error instanceof SyntaxError || error instanceof z.ZodError)
      return undefined
    throw error
  }
}

/**
 * Makes the folder a spool, durably, and gives its name: that of the machine, and a part by chance, since containers and
 * copies of a machine share names. Processes that do so at once agree on one.
 */
export async function makeHolder(folder: string): Promise<string> {
  const topmost = await makeFolderAndParents(folder).catch((error: unknown) => {
    if (!hasCode(error, 'EEXIST')) throw error
    throw new DiskProblem('ENOTDIR', folder, 'a file stands where a folder is needed')
  })
  const name = `${hostname()}-${randomBytes(4).toString('hex')}`
  const draft = join(folder, `.${randomUUID()}`)
  const handle = await open(draft, 'wx')
  try {
    await handle.writeFile(`${JSON.stringify({ holder: name })}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  try {
    await link(draft, join(folder, FILE))
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    // A name that cannot be understood gives way; one that another process has made in between stays.
    if ((await readHolder(folder)) === undefined) await rename(draft, join(folder, FILE))
  } finally {
    await rm(draft, { force: true })
  }
  await syncFolders(topmost === undefined ? [folder] : [dirname(topmost), ...upTo(topmost, folder)], 'full')
  return (await readHolder(folder)) ?? name
}

function upTo(top: string, bottom: string): string[] {
  const folders = [bottom]
  for (let folder = bottom; folder !== top && dirname(folder) !== folder; folder = dirname(folder))
    folders.push(dirname(folder))
  return folders
}
