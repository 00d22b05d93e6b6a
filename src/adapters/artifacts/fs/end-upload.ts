import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { look } from './look.js'

/** An upload that wrote so lately may be under way, in this process or another: it writes whenever its source gives something. */
const WRITES_EVERY_MS = 60_000

/** Removes an upload that did not become an object, if `at` is one and nobody writes it. */
export async function endUpload(incoming: string, at: string): Promise<'ended' | 'gone' | 'in-use'> {
  if (dirname(at) !== incoming) return 'gone'
  const found = look(at)
  if (found?.isFile() !== true) return 'gone'
  if (Date.now() - found.mtimeMs < WRITES_EVERY_MS) return 'in-use'
  await rm(at, { force: true })
  return 'ended'
}
