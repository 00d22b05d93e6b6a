import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { type MigrationMode, migrationModes } from './adapters/metadata/migration-mode.js'
import {
  POSTGRES_RULE,
  parsePostgresAddress,
  postgresSettingProblem,
  shownPostgresAddress,
} from './adapters/metadata/postgres-address.js'
import { readConfigFile } from './config-file.js'
import {
  type EnvironmentVariables,
  fromEnvironment,
  fromFlags,
  fromProgram,
  type Given,
  merge,
  type Origin,
} from './config-sources.js'
import { type StoreConfig, s3StoreKeys, storeSchema } from './config-store.js'
import { type SupabaseProject, supabaseIn, supabaseProblems } from './config-supabase.js'
import { ACTOR_RULE, isActor } from './domain/actor.js'
import { type Environments, environmentsSchema } from './domain/policy.js'
import { at, problemsOf } from './domain/problems.js'
import { problemOf } from './domain/refuse.js'
import { BUCKET_RULE, isBucketName } from './domain/s3-address.js'
import type { ValidationProblem } from './errors/cause.js'
import { ModelValidationError } from './errors/model-validation-failed/error.js'
import { redact } from './errors/redact.js'

export type { Origin } from './config-sources.js'
export { type S3StoreConfig, type StoreConfig, shownStore, storeAddress, storePlace } from './config-store.js'

export const logLevels = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const
export type LogLevel = (typeof logLevels)[number]

/** Where metadata is. */
export type DbConfig =
  | { readonly is: 'sqlite'; readonly path: string }
  /** With the password, where the address has one: never shown. */
  | { readonly is: 'postgres'; readonly url: string }
  | SupabaseProject

/** What is in force. Paths are absolute. */
export interface Config {
  /** The folder that holds what has no place of its own. */
  readonly home: string
  readonly store: StoreConfig
  readonly db: DbConfig
  /** What opening does where the tables are older than the program: `check` refuses it and changes nothing. */
  readonly migrations: MigrationMode
  readonly environments: Environments
  /** Who does what this process does, for the history. */
  readonly actor: string
  /** The bucket of addresses that the registry chooses: that of the store where it is S3. */
  readonly bucket: string
  /** When the circuit of an S3 store opens and for how long. */
  readonly breaker: BreakerConfig
  /** Where files are kept while an S3 store is away; absent when saves fail then. */
  readonly fallback?: { readonly folder: string; readonly maxBytes: number }
  readonly saveLeaseMs: number
  readonly lockLeaseMs: number
  readonly server: {
    readonly host: string
    /** 0 takes any port that is free. */
    readonly port: number
    readonly logLevel: LogLevel
    /** Whether to listen beyond this machine without a token. */
    readonly insecure: boolean
    /** The longest file that an upload may have. */
    readonly maxFileBytes: number
    /** How long a server that stops lets requests that are under way go on, in milliseconds. */
    readonly graceMs: number
  }
  /**
   * The server that keeps the registry; absent when it is on this machine. One that a variable or the file names does
   * not count where the program or an option names the home or a store.
   */
  readonly remote?: {
    readonly url: string
    readonly token?: string
    /** `server`: its files never go past it, between here and the store. */
    readonly transfer?: 'direct' | 'server'
  }
}

/** The configuration as a person writes it, in `modelry.config.json` or as the default export of `modelry.config.ts`. */
export type ConfigFile = z.input<typeof configFileSchema>

export interface ConfigSources {
  /** What the program itself decides; wins over everything else. */
  readonly program?: ConfigFile
  /** Values of command-line options by setting (`store`, `server.port`), as text. */
  readonly flags?: Readonly<Record<string, string | boolean | undefined>>
  readonly env?: EnvironmentVariables
  readonly cwd?: string
}

export interface LoadedConfig {
  readonly config: Config
  /** Where each setting comes from, by its path: `store`, `server.port`. */
  readonly origins: Readonly<Record<string, Origin>>
}

const DB_RULE = `sqlite: and a file, such as sqlite:./registry.db, supabase, or ${POSTGRES_RULE}`
/** The project that SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY name. */
const SUPABASE = 'supabase'
/** Their values are never shown, not even when they are wrong. */
const SECRETS: Readonly<Record<string, string>> = {
  'remote.token': 'a token as text',
  'store.credentials': 'an access key, or a function that answers with one',
}
/** A variable and the file speak for the whole folder; the program and options for one call. */
const CLOSENESS = { default: 0, file: 0, environment: 0, flag: 1, program: 2 } as const
const NO_REMOTE: Readonly<Record<string, Origin>> = {
  'remote.url': { is: 'default' },
  'remote.token': { is: 'default' },
  'remote.transfer': { is: 'default' },
}
const SUPABASE_ORIGIN = { is: 'environment', name: 'SUPABASE_URL' } as const

const path = z
  .string()
  .min(1)
  .regex(/^[^\0]*$/, 'a path without a NUL character')
const milliseconds = z.number().int().min(1_000).max(86_400_000)

const serverSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.number().int().min(0).max(65_535).default(7878),
  logLevel: z.enum(logLevels).default('info'),
  insecure: z.boolean().default(false),
  maxFileBytes: z
    .number()
    .int()
    .min(1)
    .default(100 * 1024 ** 3),
  graceMs: z.number().int().min(0).max(86_400_000).default(30_000),
})

const breakerSchema = z.strictObject({
  threshold: z.number().min(0.01).max(1).default(0.5),
  minimumCalls: z.number().int().min(1).max(10_000).default(5),
  windowMs: milliseconds.default(60_000),
  cooldownMs: milliseconds.default(30_000),
})
type BreakerConfig = Readonly<z.output<typeof breakerSchema>>

/** What a fallback holds at most by default, in bytes. */
export const SPOOL_BYTES = 10 * 1024 ** 3

const fallbackSchema = z.strictObject({
  folder: path.optional(),
  maxBytes: z.number().int().min(1).default(SPOOL_BYTES),
})

const remoteSchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, message: 'the address of a server, such as http://127.0.0.1:7878' })
    .optional(),
  token: z.string().min(1).optional(),
  transfer: z.enum(['direct', 'server']).optional(),
})

const configFileSchema = z.strictObject({
  home: path.default('./.modelry'),
  store: storeSchema.optional(),
  db: path
    .refine(
      (text) => /^sqlite:./.test(text) || text === SUPABASE || parsePostgresAddress(text) !== undefined,
      DB_RULE,
    )
    .optional(),
  migrations: z.enum(migrationModes).optional(),
  environments: environmentsSchema.default({}),
  actor: z.string().refine(isActor, ACTOR_RULE).optional(),
  bucket: z.string().refine(isBucketName, BUCKET_RULE).optional(),
  breaker: breakerSchema.prefault({}),
  fallback: fallbackSchema.prefault({}),
  saveLeaseMs: milliseconds.default(60_000),
  lockLeaseMs: milliseconds.default(30_000),
  server: serverSchema.prefault({}),
  remote: remoteSchema.default({}),
})

/**
 * Finds the configuration: what the program passes, then options of the command line, then `MODELRY_*` variables, then
 * `modelry.config.json` or `modelry.config.ts` in `cwd`, then the defaults. Relative paths are relative to `cwd`, which
 * is the folder of the file as well.
 *
 * A Supabase project that `SUPABASE_URL` and `SUPABASE_SERVICE_ROLE_KEY` name is the database where nothing else says which,
 * and neither the program nor an option says where the home is.
 *
 * @throws ModelValidationError with every problem of every source.
 */
export async function loadConfig(sources: ConfigSources = {}): Promise<LoadedConfig> {
  const cwd = sources.cwd ?? process.cwd()
  const file = await readConfigFile(cwd)
  const env = sources.env ?? process.env
  const environment = fromEnvironment(env)
  const given = merge(
    file?.given,
    environment.given,
    fromFlags(sources.flags ?? {}),
    fromProgram(sources.program ?? {}),
  )
  const found = supabaseFound(given, env)
  const parsed = configFileSchema.safeParse(given.value)
  const problems = [
    ...environment.problems,
    ...(parsed.success
      ? [...otherBucket(parsed.data, given), ...needlessFallback(parsed.data, given)]
      : named(parsed.error, given)),
    ...keptCredentials(given),
    ...(found || given.value.db === SUPABASE ? supabaseProblems(env) : []),
  ]
  if (!parsed.success || problems.length > 0)
    throw new ModelValidationError({ operation: refusedPart(problems, file), validationErrors: problems })
  const { home: homeText, store, db, migrations, actor, remote, bucket, fallback, ...rest } = parsed.data
  const url = isLocalByWord(given.origins) ? undefined : remote.url
  const home = resolve(cwd, homeText)
  const config: Config = {
    ...rest,
    home,
    store: placed(store ?? { is: 'file', root: join(home, 'artifacts') }, cwd),
    bucket: store?.is === 's3' ? store.bucket : (bucket ?? 'models'),
    db: dbOf(found ? SUPABASE : db, { env, home, cwd }),
    migrations: migrations ?? parsePostgresAddress(db ?? '')?.migrations ?? 'auto',
    actor: actor ?? userName(),
    ...(fallback.folder === undefined
      ? {}
      : { fallback: { folder: resolve(cwd, pathIn(fallback.folder)), maxBytes: fallback.maxBytes } }),
    ...(url === undefined
      ? {}
      : {
          remote: {
            url: url.replace(/\/+$/, ''),
            ...(remote.token ? { token: remote.token } : {}),
            ...(remote.transfer ? { transfer: remote.transfer } : {}),
          },
        }),
  }
  const origins = found ? { ...given.origins, db: SUPABASE_ORIGIN } : given.origins
  return { config, origins: url === undefined ? { ...origins, ...NO_REMOTE } : origins }
}

/** Whether the environment names a project and nothing that is closer names a database. */
function supabaseFound({ value, origins }: Given, env: EnvironmentVariables): boolean {
  const homeIsClose = CLOSENESS[origins.home?.is ?? 'default'] > CLOSENESS[SUPABASE_ORIGIN.is]
  return value.db === undefined && !homeIsClose && supabaseIn(env) !== undefined
}

/** Whether the home or a store is named closer to the call than the server is. */
function isLocalByWord(origins: Readonly<Record<string, Origin>>): boolean {
  const closeness = (setting: string) => CLOSENESS[origins[setting]?.is ?? 'default']
  return ['home', 'store', 'db'].some((place) => closeness(place) > closeness('remote.url'))
}

/** What was refused: the file by its path, where one of the problems is in it. */
function refusedPart(
  problems: readonly ValidationProblem[],
  file: Awaited<ReturnType<typeof readConfigFile>>,
): string {
  if (file === undefined) return 'The configuration'
  const isInFile = ({ path }: ValidationProblem) =>
    Object.hasOwn(file.given.value, String(path.split('.')[0]))
  return problems.some(isInFile) ? `The configuration in ${file.path}` : 'The configuration'
}

/** Problems under the name by which the person gave the value: `--port`, `MODELRY_PORT`, `server.port`. */
function named(error: z.ZodError, given: Given): ValidationProblem[] {
  return error.issues.flatMap((issue) => {
    const keys = keysAt(issue.path)
    return problemsOf(new z.ZodError([issue]), given.value, keys).map((problem) => {
      const origin = given.origins[problem.path]
      const name = origin?.is === 'flag' || origin?.is === 'environment' ? origin.name : problem.path
      const { db } = given.value
      if (problem.path === 'db' && typeof db === 'string' && isPostgres(db)) return postgresProblem(name, db)
      const allowed = Object.entries(SECRETS).find(([secret]) => isWithin(problem.path, secret))?.[1]
      if (allowed === undefined) return { ...problem, path: name }
      return { path: name, found: 'another value', allowed, message: `allowed is ${allowed}` }
    })
  })
}

function isWithin(path: string, setting: string): boolean {
  return path === setting || path.startsWith(`${setting}.`)
}

/** Addresses that the registry chooses begin with the store's own bucket, so that another one would not count. */
function otherBucket(
  { store, bucket }: z.output<typeof configFileSchema>,
  given: Given,
): ValidationProblem[] {
  if (store?.is !== 's3' || bucket === undefined || bucket === store.bucket) return []
  const origin = given.origins.bucket
  const name = origin?.is === 'environment' ? origin.name : 'bucket'
  return [problemOf(name, bucket, `nothing, or ${store.bucket}: an S3 store has its bucket in its address`)]
}

/** A folder is there or it is not: only a store that may be away has use for another place. */
function needlessFallback(
  { store, fallback }: z.output<typeof configFileSchema>,
  given: Given,
): ValidationProblem[] {
  if (fallback.folder === undefined || store?.is === 's3') return []
  const origin = given.origins['fallback.folder']
  const name = origin?.is === 'environment' ? origin.name : 'fallback.folder'
  return [problemOf(name, fallback.folder, 'nothing, unless the store is an s3:// address')]
}

/** A file is copied and committed; where credentials are, the SDK looks for itself. */
function keptCredentials({ value, origins }: Given): ValidationProblem[] {
  const credentials = at(value, ['store', 'credentials'])
  if (origins.store?.is !== 'file' || credentials === undefined || typeof credentials === 'function')
    return []
  const allowed = 'nothing: the AWS SDK finds credentials in the environment, in profiles and in roles'
  return [
    { path: 'store.credentials', found: 'credentials in a file', allowed, message: `allowed is ${allowed}` },
  ]
}

function placed(store: StoreConfig, cwd: string): StoreConfig {
  return store.is === 'file' ? { is: 'file', root: resolve(cwd, pathIn(store.root)) } : store
}

function dbOf(
  text: string | undefined,
  { env, home, cwd }: { env: EnvironmentVariables; home: string; cwd: string },
): DbConfig {
  const project = text === SUPABASE ? supabaseIn(env) : undefined
  if (project !== undefined) return project
  if (text === undefined) return { is: 'sqlite', path: join(home, 'registry.db') }
  if (isPostgres(text)) return { is: 'postgres', url: text }
  return { is: 'sqlite', path: resolve(cwd, pathIn(text)) }
}

/** The database as a person writes it, without a password. */
export function shownDb(db: DbConfig): string {
  switch (db.is) {
    case 'sqlite':
      return `sqlite:${db.path}`
    case 'postgres':
      return shownPostgresAddress(db.url)
    case 'supabase':
      return `supabase at ${redact(db.url)}`
  }
}

/** A password may be in the address: it is not shown as it is. */
function postgresProblem(path: string, address: string): ValidationProblem {
  const problem = postgresSettingProblem(address)
  const found = problem === undefined ? 'another address' : `an address with ${problem}`
  const message = `${problem === undefined ? '' : `found ${found}; `}allowed is ${DB_RULE}`
  return { path, found, allowed: DB_RULE, message }
}

function isPostgres(text: string): boolean {
  return /^postgres(ql)?:/i.test(text)
}

function keysAt(path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return Object.keys(configFileSchema.shape)
  if (path[0] === 'server') return Object.keys(serverSchema.shape)
  if (path[0] === 'fallback') return Object.keys(fallbackSchema.shape)
  if (path[0] === 'breaker') return Object.keys(breakerSchema.shape)
  if (path[0] === 'store' && path.length === 1) return [...s3StoreKeys]
  if (path[0] === 'remote') return Object.keys(remoteSchema.shape)
  return path[0] === 'environments' && path.length === 2
    ? ['minimumMetrics', 'mustHaveBeenActiveIn', 'approvals']
    : []
}

/** `file:./folder`, `file:/folder`, `file:///folder`; the same with `sqlite:`. A path without either is itself. */
function pathIn(address: string): string {
  if (!/^(?:file|sqlite):/.test(address)) return address
  const rest = address.slice(address.indexOf(':') + 1)
  return rest.startsWith('///') ? fileURLToPath(`file:${rest}`) : rest
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run under a user id that has no name.
    return 'unknown'
  }
}
