import type { ValidationProblem } from '../../errors/cause.js'
import { validationCause } from '../../errors/validation-cause.js'

/** What zod calls a problem (https://zod.dev/error-customization), in its third and fourth version. */
export const zodCodes = [
  ...['invalid_type', 'invalid_value', 'invalid_enum_value', 'invalid_literal', 'too_small', 'too_big'],
  ...['invalid_string', 'invalid_format', 'unrecognized_keys', 'custom', 'not_multiple_of', 'invalid_union'],
] as const

const metadataFields: ReadonlySet<string> = new Set([
  ...['modelId', 'version', 'modelType', 'inputShape', 'outputShape', 's3Path', 'accuracy', 'metrics'],
  ...['description', 'tags', 'framework', 'hyperparameters', 'trainedAt', 'lineage'],
])

/** An issue of zod has its parts within this many characters of its code. */
const ISSUE = 400

/** The problem that an issue of zod around `at` describes; undefined where it is of something else than metadata. */
export function zodProblem(text: string, code: string, at: number): ValidationProblem | undefined {
  const before = text.slice(Math.max(0, at - ISSUE), at)
  const after = text.slice(at, at + ISSUE)
  const close = after.indexOf('}')
  const issue = before.slice(before.lastIndexOf('{') + 1) + (close < 0 ? after : after.slice(0, close))
  const path = /path["'\\]*\s*[:=]\s*\[\s*([^\]]{0,120})\]/.exec(issue)?.[1]
  if (path === undefined) return undefined
  const parts = path
    .split(',')
    .map((part) => /[A-Za-z]\w*|\d+/.exec(part.replaceAll(/\\[nrt]/g, ' '))?.[0] ?? '')
  const [field = ''] = parts
  const said = /message["'\\]*\s*[:=]\s*["'\\]*([^"\\]{1,160})/.exec(issue)?.[1] ?? code
  const named = { path: parts.filter(Boolean).join('.'), message: said }
  if (code === 'unrecognized_keys') {
    const key = /keys["'\\]*\s*[:=]\s*\[\s*["'\\]*([\w.-]{1,64})/.exec(issue)?.[1] ?? ''
    return field !== '' && !metadataFields.has(field)
      ? undefined
      : { ...named, path: key, found: `the unknown key ${key}`, allowed: 'only the documented keys' }
  }
  if (!metadataFields.has(field)) return undefined
  const missing = /received["'\\]*[\s:="']{1,4}undefined|\bRequired\b/.test(issue)
  return { ...named, found: missing ? 'nothing' : 'another value', allowed: allowedBy(code) }
}

function allowedBy(code: string): string {
  if (code === 'invalid_value' || code === 'invalid_enum_value' || code === 'invalid_literal')
    return 'one of those listed'
  return code === 'too_small' || code === 'too_big' ? 'at most 1' : 'a value of the documented form'
}

/** The problems that a message of the registry lists: `accuracy: found 93, allowed is at most 1`. */
export function spokenProblems(text: string): ValidationProblem[] {
  return [...text.matchAll(/([A-Za-z][\w.]{0,63}): found (.{1,130}?), allowed is ([^;\n]{1,200})/g)]
    .slice(0, 16)
    .map(([message, path = '', found = '', allowed = '']) => ({
      path,
      found: found.replaceAll('\\', ''),
      allowed: allowed.replace(/\.(?:\s.*)?$/, ''),
      message: message
        .slice(path.length + 2)
        .replaceAll('\\', '')
        .replace(/\.(?:\s.*)?$/, ''),
    }))
}

/** The cause that problems share, by its id. */
export function causeOfProblems(problems: readonly ValidationProblem[]): string {
  return validationCause(problems).id
}
