import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const CACHE = join(import.meta.dirname, '..', '..', '..', '.cache')

/** A folder that is kept between runs and is not part of the repository. */
export function inCache(...names: string[]): string {
  return join(CACHE, ...names)
}

/**
 * The folder `.cache/s3-servers/<name>`, filled by `bring` where it is missing. It is filled under another name and
 * renamed, so that a run that was ended in the middle leaves no half of it.
 */
export async function broughtFolder(name: string, bring: (folder: string) => Promise<void>): Promise<string> {
  const folder = inCache('s3-servers', name)
  if (existsSync(folder)) return folder
  const incoming = `${folder}.${randomUUID()}`
  await mkdir(dirname(incoming), { recursive: true })
  try {
    await bring(incoming)
    await rename(incoming, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error
    })
    return folder
  } finally {
    await rm(incoming, { recursive: true, force: true })
  }
}
