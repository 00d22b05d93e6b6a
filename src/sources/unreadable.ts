import type { ValidationProblem } from '../errors/cause.js'
import { notAModel } from './draft.js'

/** What the system says of a path that was given as a model, as a problem of that value; undefined for other errors. */
export function unreadableProblem(
  error: unknown,
  path: string,
  allowed: string,
): ValidationProblem | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case undefined:
      return undefined
    case 'ENOENT':
    case 'ENOTDIR':
      return notAModel('', `nothing at ${path}`, allowed)
    case 'EACCES':
    case 'EPERM':
      return notAModel('', `${path}, which this process may not read`, allowed)
    default:
      return notAModel('', `${path}, which cannot be read (${String(code)})`, allowed)
  }
}
