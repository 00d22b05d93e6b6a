import { editDistance } from './domain/nearest.js'
import type { ValidationProblem } from './errors/cause.js'

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>

/** Where a setting comes from. */
export type Origin =
  /** Given to `createModelRegistry` by the program itself. */
  | { readonly is: 'program' }
  | { readonly is: 'flag'; readonly name: string }
  | { readonly is: 'environment'; readonly name: string }
  | { readonly is: 'file'; readonly path: string }
  | { readonly is: 'default' }

/** What one source gives, or several: a tree of settings, and where each leaf of it comes from. */
export interface Given {
  readonly value: Readonly<Record<string, unknown>>
  readonly origins: Readonly<Record<string, Origin>>
}

/** How each setting is called outside the file. Those without a name can be given in a file only. */
const names: Readonly<
  Record<
    string,
    { readonly flag?: string; readonly variable?: string; readonly is: 'text' | 'number' | 'switch' }
  >
> = {
  home: { flag: '--home', variable: 'MODELRY_HOME', is: 'text' },
  store: { flag: '--store', variable: 'MODELRY_STORE', is: 'text' },
  db: { flag: '--db', variable: 'MODELRY_DB', is: 'text' },
  migrations: { variable: 'MODELRY_MIGRATIONS', is: 'text' },
  environments: { is: 'text' },
  actor: { flag: '--actor', variable: 'MODELRY_ACTOR', is: 'text' },
  bucket: { variable: 'MODELRY_BUCKET', is: 'text' },
  'breaker.threshold': { variable: 'MODELRY_BREAKER_THRESHOLD', is: 'number' },
  'breaker.minimumCalls': { variable: 'MODELRY_BREAKER_MINIMUM_CALLS', is: 'number' },
  'breaker.windowMs': { variable: 'MODELRY_BREAKER_WINDOW_MS', is: 'number' },
  'breaker.cooldownMs': { variable: 'MODELRY_BREAKER_COOLDOWN_MS', is: 'number' },
  'fallback.folder': { variable: 'MODELRY_FALLBACK_FOLDER', is: 'text' },
  'fallback.maxBytes': { variable: 'MODELRY_FALLBACK_MAX_BYTES', is: 'number' },
  saveLeaseMs: { variable: 'MODELRY_SAVE_LEASE_MS', is: 'number' },
  lockLeaseMs: { variable: 'MODELRY_LOCK_LEASE_MS', is: 'number' },
  'server.host': { flag: '--host', variable: 'MODELRY_HOST', is: 'text' },
  'server.port': { flag: '--port', variable: 'MODELRY_PORT', is: 'number' },
  'server.logLevel': { variable: 'MODELRY_LOG_LEVEL', is: 'text' },
  'server.insecure': { flag: '--insecure', variable: 'MODELRY_INSECURE', is: 'switch' },
  'server.maxFileBytes': { variable: 'MODELRY_MAX_FILE_BYTES', is: 'number' },
  'server.graceMs': { variable: 'MODELRY_GRACE_MS', is: 'number' },
  'remote.url': { flag: '--server', variable: 'MODELRY_SERVER', is: 'text' },
  'remote.token': { flag: '--token', variable: 'MODELRY_TOKEN', is: 'text' },
  'remote.transfer': { variable: 'MODELRY_TRANSFER', is: 'text' },
}

/** Its two forms do not mix: the later one counts as a whole. */
const WHOLE = 'store'

/** Every setting by its path, in the order in which they are shown. */
const settings: readonly string[] = Object.keys(names)

/**
 * The settings of `MODELRY_*` variables; one that is empty counts as not set. Other variables of that prefix are left
 * alone, but one that is a slip of the finger away from a known one is a problem, since its value would not count.
 */
export function fromEnvironment(env: EnvironmentVariables): {
  given: Given
  problems: readonly ValidationProblem[]
} {
  const known = new Map(
    Object.entries(names).flatMap(([setting, { variable }]) =>
      variable ? [[variable, setting] as const] : [],
    ),
  )
  const found: [string, unknown, Origin][] = []
  const problems: ValidationProblem[] = []
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('MODELRY_') || text === undefined || text === '') continue
    const setting = known.get(name)
    if (setting !== undefined) found.push([setting, read(setting, text), { is: 'environment', name }])
    else problems.push(...misspelt(name, known.keys()))
  }
  return { given: tree(found), problems }
}

/** @param flags - by the path of the setting. */
export function fromFlags(flags: Readonly<Record<string, string | boolean | undefined>>): Given {
  return tree(
    Object.entries(flags).flatMap(([setting, value]) => {
      const flag = names[setting]?.flag
      if (flag === undefined) throw new TypeError(`There is no option for the setting ${setting}`)
      return value === undefined ? [] : [[setting, read(setting, value), { is: 'flag', name: flag }] as const]
    }),
  )
}

/** @param value - what the file holds, checked or not. */
export function fromFile(value: Readonly<Record<string, unknown>>, path: string): Given {
  const origins = settings.filter((setting) => at(value, setting) !== undefined)
  return { value, origins: Object.fromEntries(origins.map((setting) => [setting, { is: 'file', path }])) }
}

/** @param value - what a program passes to `createModelRegistry`, checked or not. */
export function fromProgram(value: object): Given {
  const given = Object.fromEntries(Object.entries(value).filter(([, setting]) => setting !== undefined))
  const origins = settings.filter((setting) => at(given, setting) !== undefined)
  return { value: given, origins: Object.fromEntries(origins.map((setting) => [setting, { is: 'program' }])) }
}

/** Later ones win, setting by setting. */
export function merge(...all: readonly (Given | undefined)[]): Given {
  const value: Record<string, unknown> = {}
  const origins: Record<string, Origin> = Object.fromEntries(settings.map((s) => [s, { is: 'default' }]))
  for (const given of all) {
    if (given === undefined) continue
    for (const [key, found] of Object.entries(given.value)) {
      const before = value[key]
      if (isObject(found) && before !== undefined && key !== WHOLE)
        value[key] = isObject(before) ? { ...before, ...found } : before
      else value[key] = found
    }
    Object.assign(origins, given.origins)
  }
  return { value, origins }
}

function tree(found: Iterable<readonly [setting: string, value: unknown, origin: Origin]>): Given {
  const value: Record<string, Record<string, unknown> | unknown> = {}
  const origins: Record<string, Origin> = {}
  for (const [setting, leaf, origin] of found) {
    const [first = '', second] = setting.split('.')
    const before = value[first]
    value[first] = second === undefined ? leaf : { ...(isObject(before) ? before : {}), [second]: leaf }
    origins[setting] = origin
  }
  return { value, origins }
}

/** Text that does not read as what the setting wants stays text, for the schema to refuse. */
function read(setting: string, text: string | boolean): unknown {
  if (typeof text === 'boolean') return text
  switch (names[setting]?.is) {
    case 'number':
      return /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : text
    case 'switch':
      return /^(?:1|true|yes|on)$/i.test(text) || (/^(?:0|false|no|off)$/i.test(text) ? false : text)
    default:
      return text
  }
}

function misspelt(name: string, known: Iterable<string>): ValidationProblem[] {
  const meant = [...known].filter((candidate) => editDistance(name, candidate) <= 2)
  if (meant.length === 0) return []
  return [
    {
      path: name,
      found: 'a variable that modelry does not know',
      allowed: meant.join(' or '),
      message: `modelry does not know this variable; did you mean ${meant.join(' or ')}?`,
    },
  ]
}

function at(value: Readonly<Record<string, unknown>>, setting: string): unknown {
  const [first = '', second] = setting.split('.')
  const found = value[first]
  return second === undefined ? found : isObject(found) ? found[second] : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
