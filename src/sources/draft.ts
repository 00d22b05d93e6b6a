import { type FilePath, filePathProblem, parseFilePath } from '../domain/file-path.js'
import { isMediaType, MEDIA_TYPE_RULE } from '../domain/media-type.js'
import { problemOf } from '../domain/refuse.js'
import type { ValidationProblem } from '../errors/cause.js'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import type { ModelPart } from './model-source.js'

/** A part whose path has not been checked. */
export type PartDraft = Unchecked<ModelPart>

type Unchecked<P> = P extends ModelPart ? Omit<P, 'path'> & { readonly path: string } : never

/** A context that is sent over HTTP; a folder of a million links would make it one of a million problems. */
const MOST_PROBLEMS = 100

/** @throws ModelValidationError with every problem, up to a hundred; none is no error. */
export function refuseModel(problems: readonly ValidationProblem[], cause?: unknown): void {
  if (problems.length === 0) return
  throw new ModelValidationError(
    { operation: 'The model', validationErrors: problems.slice(0, MOST_PROBLEMS) },
    cause === undefined ? {} : { cause },
  )
}

/** The error for a value that is no model. */
export function notAModel(path: string, found: string, allowed: string): ValidationProblem {
  return { path, found, allowed, message: `found ${found}, allowed is ${allowed}` }
}

/**
 * Gives the parts their checked paths, ordered as they came.
 *
 * Every store has to be able to keep them side by side: so no path twice, none that differs from another only in case,
 * and none that is a folder of another. A media type goes into headers as it is.
 *
 * @throws ModelValidationError with every problem.
 */
export function toModelParts(drafts: readonly PartDraft[]): readonly ModelPart[] {
  checkPaths(drafts.map(({ path }) => path))
  refuseModel(
    drafts.flatMap(({ path, mediaType }) =>
      isMediaType(mediaType) ? [] : [problemOf(`${path}.mediaType`, mediaType, MEDIA_TYPE_RULE)],
    ),
  )
  return drafts.map((draft) => withPath(draft, parseFilePath(draft.path)))
}

/** The same for paths alone, of files that come later. @throws ModelValidationError with every problem. */
export function toFilePaths(paths: readonly string[]): readonly FilePath[] {
  checkPaths(paths)
  return paths.map(parseFilePath)
}

function checkPaths(paths: readonly string[]): void {
  if (paths.length === 0) refuseModel([notAModel('', 'no file', 'at least one file')])
  refuseModel(paths.flatMap(pathProblem))
  refuseModel(clashes(paths))
}

function withPath(draft: PartDraft, path: FilePath): ModelPart {
  return { ...draft, path }
}

function pathProblem(path: string): ValidationProblem[] {
  const problem = filePathProblem(path)
  if (problem === undefined) return []
  return [problemOf(path, path, `a relative path that every store can keep; ${problem}`)]
}

function clashes(paths: readonly string[]): ValidationProblem[] {
  const byFold = new Map<string, string>()
  const folders = new Map<string, string>()
  for (const path of paths)
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1))
      folders.set(path.slice(0, slash).toLowerCase(), path)
  return paths.flatMap((path) => {
    const fold = path.toLowerCase()
    const other = byFold.get(fold)
    byFold.set(fold, path)
    if (other === path) return [problemOf(path, path, 'one file of that path')]
    if (other !== undefined)
      return [problemOf(path, path, `a path that differs from ${other} in more than case`)]
    const inside = folders.get(fold)
    return inside === undefined
      ? []
      : [problemOf(path, path, `a path that is not a folder of another file, as it is of ${inside}`)]
  })
}
