import { type Dirent, lstatSync, type Stats } from 'node:fs'
import { readdir, readlink, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { found } from '../domain/refuse.js'
import type { ValidationProblem } from '../errors/cause.js'
import { notAModel, type PartDraft, refuseModel, toModelParts } from './draft.js'
import { mediaTypeOf } from './media-type.js'
import { type PartsSource, partsOf } from './model-source.js'
import { readSeenFile } from './read-file.js'
import { unreadableProblem } from './unreadable.js'

/**
 * A folder of this machine as a model: every file in it and below it, hidden ones too, under its path in the folder, in
 * the order of those paths.
 *
 * A symbolic link is refused wherever it leads: what a version holds is not to depend on what lies elsewhere, and a
 * link may lead to what was never meant to be published. So are devices, pipes and sockets, and an empty folder.
 *
 * The save fails with ModelValidationError that has every problem; with S3UploadError, reason `source-failed`, when a
 * file changes while it is read. Nothing is recorded either way.
 */
export function fromFolder(path: string): PartsSource {
  return {
    async [partsOf]() {
      if (typeof path !== 'string') refuseModel([notAModel('', found(path), 'the path of a folder')])
      const root = resolve(path)
      await refuseUnlessFolder(path, root)
      const seen: Found = { drafts: [], problems: [] }
      await walk(root, '', seen)
      refuseModel(seen.problems)
      if (seen.drafts.length === 0)
        refuseModel([notAModel('', `the folder ${path}, which holds no file`, 'a folder with files')])
      return toModelParts(seen.drafts.sort((a, b) => (a.path < b.path ? -1 : 1)))
    },
  }
}

interface Found {
  readonly drafts: PartDraft[]
  readonly problems: ValidationProblem[]
}

async function refuseUnlessFolder(path: string, root: string): Promise<void> {
  const allowed = 'a folder that can be read'
  let seen: Stats
  try {
    seen = await stat(root)
  } catch (error) {
    const problem = unreadableProblem(error, path, allowed)
    if (problem !== undefined) refuseModel([problem], error)
    throw error
  }
  if (!seen.isDirectory())
    refuseModel([notAModel('', `${path}, which is no folder`, `${allowed}; a file is given with fromFile`)])
}

async function walk(root: string, prefix: string, found: Found): Promise<void> {
  const folder = join(root, prefix)
  let entries: Dirent[]
  try {
    entries = await readdir(folder, { withFileTypes: true })
  } catch (error) {
    const problem = unreadableProblem(error, folder, 'a folder that can be read')
    if (problem === undefined) throw error
    found.problems.push(problem)
    return
  }
  for (const { name } of entries) await take(root, prefix + name, found)
}

async function take(root: string, path: string, found: Found): Promise<void> {
  const full = join(root, path)
  const refuse = (what: string, allowed: string) => found.problems.push(notAModel(path, what, allowed))
  // Synchronous, since the promise takes ten times as long and a folder may hold thousands of files.
  const seen = lstatSync(full, { throwIfNoEntry: false })
  if (seen === undefined) refuse('a file that is gone, or whose name is not UTF-8', 'a file that stays')
  else if (seen.isSymbolicLink())
    refuse(
      `a symbolic link to ${await readlink(full)}`,
      'a file; to store what links lead to, give a copy made with cp -RL',
    )
  else if (seen.isDirectory()) await walk(root, `${path}/`, found)
  else if (seen.isFile()) found.drafts.push(draftOf(full, path, seen))
  else refuse('a device, a pipe or a socket', 'a file')
}

function draftOf(full: string, path: string, seen: Stats): PartDraft {
  return {
    is: 'bytes',
    path,
    mediaType: mediaTypeOf(path),
    size: seen.size,
    reads: 'again',
    open: () => readSeenFile(full, seen, 'refuse'),
  }
}
