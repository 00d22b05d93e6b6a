import { randomUUID } from 'node:crypto'
import { mkdir, open, realpath, rename, rm } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { findCause } from '../diagnosis/find-cause.js'
import { givePiece } from '../domain/piece-pool.js'
import { refuse } from '../domain/refuse.js'
import { localDiskCauses } from '../errors/causes/local-disk.js'
import { unknownCause } from '../errors/causes/unknown.js'
import { isModelRegistryError } from '../errors/model-registry-error.js'
import { S3DownloadError } from '../errors/s3-download-failed/error.js'

export interface FileToWrite {
  /** Relative, parts between slashes. */
  readonly path: string
  /** Where its bytes come from, for the error. */
  readonly address: string
  readonly open: () => Promise<AsyncIterable<Uint8Array>>
}

/**
 * Writes files below `folder`, making it when it is not there. Each appears whole or not at all: it is written beside
 * its place and renamed once the last byte has been checked. A file of that name is replaced.
 *
 * @returns the paths written, absolute.
 * @throws ModelValidationError when a symbolic link inside `folder` leads out of it.
 * @throws S3DownloadError when a file cannot be read, or cannot be written there.
 */
export async function writeFiles(
  folder: string,
  files: readonly FileToWrite[],
  onBytes: (file: string, bytes: number) => void,
): Promise<string[]> {
  const root = resolve(folder)
  const written: string[] = []
  for (const file of files) {
    const target = join(root, file.path)
    try {
      written.push(await writeFile(root, target, file, onBytes))
    } catch (error) {
      if (isModelRegistryError(error)) throw error
      const reason = findCause(error, localDiskCauses) ?? unknownCause
      throw new S3DownloadError(
        { s3Path: file.address, file: file.path, localPath: target },
        { reason, cause: error },
      )
    }
  }
  return written
}

async function writeFile(
  root: string,
  target: string,
  file: FileToWrite,
  onBytes: (file: string, bytes: number) => void,
): Promise<string> {
  await makeParents(root, target)
  const partial = join(dirname(target), `.${randomUUID()}.partial`)
  try {
    await writeNew(partial, file, (bytes) => onBytes(file.path, bytes))
    await rename(partial, target)
    return target
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

/** Makes the folders between `root` and `target`, each only when the one above it is known to lie inside. */
async function makeParents(root: string, target: string): Promise<void> {
  await mkdir(root, { recursive: true })
  const realRoot = await realpath(root)
  const inside = realRoot.endsWith(sep) ? realRoot : realRoot + sep
  let folder = root
  for (const name of relative(root, dirname(target)).split(sep).filter(Boolean)) {
    folder = join(folder, name)
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    const real = await realpath(folder).catch((error: NodeJS.ErrnoException) => {
      // A link that leads nowhere would lead out as soon as somebody makes what it names.
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (real === undefined || !(real === realRoot || real.startsWith(inside)))
      throw refuse('folder', target, `a place inside ${root}; a symbolic link leads out of it`, 'saveTo')
  }
}

async function writeNew(path: string, source: FileToWrite, onBytes: (bytes: number) => void): Promise<void> {
  // Before the source, which nobody would read to its end where there is no place for it.
  const handle = await open(path, 'wx')
  let writing = Promise.resolve()
  try {
    // The next piece comes while the one before is written.
    for await (const piece of await source.open()) {
      await writing
      writing = handle.writeFile(piece).then(() => {
        onBytes(piece.length)
        givePiece(piece)
      })
      // Whoever waits for it hears of its failure; a source that fails first is what is told.
      writing.catch(() => {})
    }
    await writing
  } finally {
    await writing.catch(() => {})
    await handle.close()
  }
}
