import type { $brand } from 'zod'
import { refuse } from './refuse.js'
import { relativePathProblem } from './relative-path.js'

/** The path of a file inside its version: relative, parts between slashes, no `.` or `..`. */
export type FilePath = string & $brand<'FilePath'>

/** Leaves room for the bucket's prefix, the model, the version and the save in a key of 1,024 bytes. */
const LONGEST_PATH = 512

export function filePathProblem(path: string): string | undefined {
  return relativePathProblem(path, LONGEST_PATH)
}

/** @throws ModelValidationError */
export function parseFilePath(path: unknown): FilePath {
  const problem = typeof path === 'string' ? filePathProblem(path) : 'it is not text'
  if (problem === undefined) return path as FilePath
  throw refuse(
    'file',
    path,
    `a relative path with "/" between its parts, each at most 255 bytes, at most ${LONGEST_PATH} in all; ${problem}`,
  )
}
