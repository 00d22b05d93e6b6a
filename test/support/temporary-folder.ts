import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A new, empty folder that is removed with all it holds when the running test has finished. */
export async function temporaryFolder(): Promise<string> {
  // The real path, since tmpdir() is a symbolic link on macOS.
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'modelry-')))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** A file of that name in a folder of its own, removed when the running test has finished. */
export async function temporaryFile(name: string, content: Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), name)
  await writeFile(path, content)
  return path
}
