import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fromFile, type Given } from './config-sources.js'
import { problemOf } from './domain/refuse.js'
import { parseUniqueJson } from './domain/unique-json.js'
import { ModelValidationError } from './errors/model-validation-failed/error.js'

const JSON_NAME = 'modelry.config.json'
const TS_NAME = 'modelry.config.ts'

/**
 * The configuration file in `folder`, if there is one. A `.ts` file is imported by Node itself, which strips its types.
 *
 * @throws ModelValidationError when the file cannot be read, or both kinds are there.
 */
export async function readConfigFile(folder: string): Promise<{ path: string; given: Given } | undefined> {
  const [json, ts] = [join(folder, JSON_NAME), join(folder, TS_NAME)]
  const [jsonText, tsText] = await Promise.all([textOf(json), textOf(ts)])
  if (jsonText !== undefined && tsText !== undefined)
    throw refused('The configuration', `${JSON_NAME} and ${TS_NAME}`, 'one of the two files, not both')
  if (jsonText !== undefined) return asGiven(parseUniqueJson(jsonText, JSON_NAME), json)
  if (tsText !== undefined) return asGiven(await imported(ts), ts)
  return undefined
}

function asGiven(value: unknown, path: string): { path: string; given: Given } {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refused(basename(path), value, 'an object of settings')
  return { path, given: fromFile({ ...value }, path) }
}

async function imported(path: string): Promise<unknown> {
  let module: { default?: unknown }
  try {
    module = await import(pathToFileURL(path).href)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw refused(TS_NAME, reason, 'a module that Node can import', cause)
  }
  if (module.default === undefined)
    throw refused(TS_NAME, undefined, 'a default export that holds the settings')
  return module.default
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw refused(basename(path), String(code ?? cause), 'a file that can be read', cause)
  }
}

function refused(what: string, found: unknown, allowed: string, cause?: unknown): ModelValidationError {
  return new ModelValidationError(
    { operation: what, validationErrors: [problemOf('', found, allowed)] },
    cause === undefined ? {} : { cause },
  )
}
