import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { requirePackage } from './adapters/require-package.js'
import { type Config, type ConfigFile, loadConfig, type S3StoreConfig, type StoreConfig } from './config.js'
import { storeSchema } from './config-store.js'
import { refuse } from './domain/refuse.js'
import { equip } from './errors/auto-fix.js'
import type { DatabaseSetup } from './errors/fix.js'
import { isModelRegistryError } from './errors/model-registry-error.js'
import type { MetadataStore } from './ports/metadata-store.js'
import { autoFixers } from './recovery/auto-fixers.js'
import { unopenedStores } from './recovery/unopened-stores.js'
import { placeAddress } from './registry/address-map.js'
import { createEngine } from './registry/create-engine.js'
import type { RegistryDeps } from './registry/deps.js'
import type { Engine } from './registry/engine.js'
import type { ExportPlace } from './registry/export-place.js'
import type { ExportOptions, ExportReport } from './registry/export-registry.js'
import type { ImportOptions, ImportReport } from './registry/import-registry.js'
import { newId } from './registry/new-id.js'
import type { Registry } from './registry/registry.js'
import { RegistryEvents } from './registry/registry-events.js'
import { SeenFiles } from './registry/seen-files.js'

/** What `createModelRegistry` takes: the settings of `modelry.config.json` that concern a registry on this machine. */
export type RegistryOptions = Omit<ConfigFile, 'server' | 'remote'>

/**
 * Opens the registry: by default SQLite and a folder under `./.modelry`.
 *
 * What is not given comes from `MODELRY_*` variables, then `modelry.config.{json,ts}`, then the defaults, so that the
 * program and the command line in the same folder see the same registry. That may be one that a server keeps, named by
 * `MODELRY_SERVER` or `remote` of the file: then the answer is its client, as `connectRegistry` gives it, and policies,
 * bucket and leases are the server's own. `home`, `store` or `db` given here mean stores of this process, whatever
 * else is named. Call `close()` when done.
 *
 * @throws ModelValidationError with every problem of the configuration, or when a package that its store needs is not
 * installed.
 * @throws DatabaseError when the database cannot be opened.
 *
 * @example
 * const registry = await createModelRegistry({ home: './registry' })
 * await registry.saveModel({ weights: [1, 2, 3] }, {
 *   modelId: 'btc-lstm', version: '1.0.0', modelType: 'lstm', inputShape: [60, 5], outputShape: [1],
 * })
 * await registry.close()
 */
export async function createModelRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const { config } = await loadConfig({ program: options })
  return openRegistry(config, async () => {
    const engine = await openEngine(config)
    engine.syncInBackground()
    return engine
  })
}

/**
 * The registry that `config` names: the client of a server, or the engine in this process.
 *
 * @param openLocal - called when it is the engine.
 */
export async function openRegistry(
  { remote, actor }: Config,
  openLocal: () => Promise<Engine>,
): Promise<Registry> {
  if (remote === undefined) return (await openLocal()).registry
  const { connectRegistry } = await import('./client/connect-registry.js')
  return connectRegistry({ ...remote, actor })
}

/** Opens the stores that `config` names. The drivers are imported here and nowhere else, when they are needed. */
export async function openEngine(config: Config, migrations = config.migrations): Promise<Engine> {
  requireNode()
  const { artifacts, breaker, spool } = await openArtifacts(config)
  const repairs = {
    setup: setupOf(config),
    newId: randomUUID,
    pause: (ms: number, signal: AbortSignal) => wait(ms, undefined, { signal }),
  }
  const metadata = await openMetadata({ ...config, migrations }).catch(async (error: unknown) => {
    await artifacts.close()
    // A repair that asks whether the database answers is not to change its tables.
    const stores = unopenedStores(error, () => openMetadata({ ...config, migrations: 'check' }))
    if (isModelRegistryError(error))
      equip(error, autoFixers(Object.assign(stores, repairs))(error, { operation: 'open' }))
    throw error
  })
  return createEngine({
    artifacts,
    metadata,
    ...(breaker === undefined ? {} : { breaker }),
    ...(spool === undefined ? {} : { spool }),
    events: new RegistryEvents(),
    environments: config.environments,
    actor: config.actor,
    holder: `${hostname()}:${process.pid}`,
    bucket: config.bucket,
    ...chosenPlace(config.store),
    saveLeaseMs: config.saveLeaseMs,
    lockLeaseMs: config.lockLeaseMs,
    newId: () => newId(),
    now: () => new Date(),
    fixerFor: autoFixers({ artifacts, metadata, onDatabase: (work) => work(metadata), ...repairs }),
  })
}

/** What `exportRegistry` takes. */
export interface ExportRequest extends ExportOptions {
  /** A folder (`./backup`, `file:/var/backup`) or `s3://bucket/folder?region=...`. */
  readonly to: string
  /** Which registry; by default the one that `createModelRegistry()` opens. */
  readonly registry?: RegistryOptions
}

/** What `importRegistry` takes. */
export interface ImportRequest extends ImportOptions {
  /** Where an export is, written as `to` of ExportRequest. */
  readonly from: string
  /** Which registry it goes into; by default the one that `createModelRegistry()` opens. */
  readonly registry?: RegistryOptions
}

/**
 * Writes the whole registry, metadata and files, to a place from which any other registry can take it, whatever its
 * database and its store. Calling it again goes on where it was cut off, and copies only what is new.
 *
 * @throws S3DownloadError with the file when one of the registry's own is missing or damaged.
 * @throws ModelValidationError when a server keeps the registry: it is exported where its stores are.
 */
export function exportRegistry({ to, registry, ...options }: ExportRequest): Promise<ExportReport> {
  return withPlace(registry, to, 'write', (engine, place) => engine.exportTo(place, options))
}

/**
 * Brings the newest export of a place into a registry: the same versions, numbers, digests, deployments, history and
 * tokens. Calling it again goes on where it was cut off, and changes nothing that is there.
 *
 * @throws DuplicateModelError when a model is there that is not the one of the export.
 * @throws S3DownloadError with reason `checksum-mismatch` and the file, when a byte of the export is not as it was.
 * @throws ModelValidationError when there is no whole export, or a server keeps the registry.
 */
export function importRegistry({ from, registry, ...options }: ImportRequest): Promise<ImportReport> {
  return withPlace(registry, from, 'read', (engine, place) => engine.importFrom(place, options))
}

async function withPlace<T>(
  registry: RegistryOptions | undefined,
  text: string,
  to: 'read' | 'write',
  work: (engine: Engine, place: ExportPlace) => Promise<T>,
): Promise<T> {
  const { config } = await loadConfig({ program: registry ?? {} })
  if (config.remote !== undefined)
    throw refuse('registry', config.remote.url, "the registry's own stores, which are where the server runs")
  const place = await openExportPlace(config, text, { to })
  try {
    const engine = await openEngine(config)
    try {
      return await work(engine, place)
    } finally {
      await engine.registry.close()
    }
  } finally {
    await place.store.close()
  }
}

/**
 * Opens a place for exports: a folder or a bucket. What an S3 address does not say (region, endpoint, credentials) is
 * that of the registry's own store, where that is S3 too.
 *
 * @param options.to - `read` where an export must be there.
 * @throws ModelValidationError
 */
export async function openExportPlace(
  { store: own }: Config,
  text: string,
  { cwd = process.cwd(), to }: { readonly cwd?: string; readonly to: 'read' | 'write' },
): Promise<ExportPlace> {
  if (!text.startsWith('s3:')) {
    const root = resolve(cwd, text.replace(/^file:/, ''))
    // A store makes its folder where there is none, and a misspelt one is not to appear.
    if (to === 'read' && !(await stat(root).catch(() => undefined))?.isDirectory())
      throw refuse('from', root, 'a folder that modelry export has written to', 'The import')
    const { FsArtifactStore } = await import('./adapters/artifacts/fs.js')
    return { store: new FsArtifactStore({ root }), prefix: 's3://registry', shown: root, holds: 'exports' }
  }
  const parsed = storeSchema.safeParse(text)
  if (!parsed.success)
    throw refuse('place', text, parsed.error.issues.map(({ message }) => message).join('; '), 'The export')
  requirePackage('@aws-sdk/client-s3', 'A store in S3')
  const { S3ArtifactStore } = await import('./adapters/artifacts/s3.js')
  const shared = own.is === 's3' ? own : undefined
  const { is: _, ...options } = { ...shared, prefix: undefined, ...parsed.data, is: 's3' as const }
  const { bucket = '', prefix, ...rest } = options
  return {
    store: new S3ArtifactStore({ ...rest, bucket, ...(prefix === undefined ? {} : { prefix }) }),
    prefix: placeAddress({ bucket, prefix }),
    shown: placeAddress({ bucket, prefix }),
    holds: 'anything',
  }
}

/** A step of the schema that a database has, or that this program would run. */
export interface SchemaStep {
  readonly number: number
  readonly name: string
  /** `newer`: a later version of modelry has run it, and this one does not know it. */
  readonly state: 'applied' | 'missing' | 'newer'
  /** SHA-256 of its SQL. */
  readonly checksum: string
  /** The version of modelry that ran it, where that was recorded. */
  readonly program?: string
  readonly sql?: string
}

/** How far the tables of a database are. */
export interface DatabaseSchema {
  /** The schema that holds the tables, on Postgres. */
  readonly schema?: string
  /** In the order of their numbers. */
  readonly steps: readonly SchemaStep[]
}

/**
 * How far the tables of the database are. Changes nothing.
 *
 * @throws DatabaseError
 */
export async function databaseSchema(config: Config): Promise<DatabaseSchema> {
  const { schema, applied, missing, newer } = await schemaState(config)
  const steps = [
    ...applied.map((step) => ({ ...step, state: 'applied' as const })),
    ...missing.map((step) => ({ ...step, state: 'missing' as const })),
    ...newer.map((step) => ({ ...step, state: 'newer' as const })),
  ].sort((one, other) => one.number - other.number)
  return schema === undefined ? { steps } : { schema, steps }
}

/**
 * Brings the tables up to date, which opening a registry does too where `migrations` is `auto`; of several that do so at
 * once, one does and the others wait.
 *
 * @returns the steps that were run here, and not by others meanwhile.
 * @throws DatabaseError, with reason `schema-newer` where the database has steps that this program does not know.
 */
export async function migrateDatabase({ db }: Config): Promise<SchemaStep[]> {
  const ran = await migrated(db)
  return ran.map(({ sql: _, ...step }) => ({ ...step, state: 'applied' as const }))
}

async function migrated(db: Config['db']) {
  switch (db.is) {
    case 'postgres': {
      requirePackage('pg', 'A registry on Postgres')
      const { migratePostgresTables } = await import('./adapters/metadata/postgres.js')
      return migratePostgresTables({ url: db.url })
    }
    case 'supabase':
      throw notOverHttp()
    case 'sqlite': {
      const { migrateSqlite } = await import('./adapters/metadata/sqlite.js')
      return migrateSqlite({ path: db.path })
    }
  }
}

function setupOf(config: Config): DatabaseSetup {
  const named = (steps: readonly SchemaStep[]) => steps.map(({ number, name }) => `${number} ${name}`)
  return {
    migratesAtOpen: config.migrations === 'auto',
    missing: async () => {
      const { steps } = await databaseSchema(config)
      return named(steps.filter(({ state }) => state === 'missing'))
    },
    migrate: async () => named(await migrateDatabase(config)),
    writers: async () => {
      if (config.db.is !== 'postgres') return []
      return (await import('./adapters/metadata/postgres.js')).postgresWriters(config.db)
    },
    create: async () => {
      if (config.db.is !== 'postgres') return false
      return (await import('./adapters/metadata/postgres.js')).createPostgresDatabase(config.db)
    },
  }
}

function notOverHttp(): Error {
  return refuse('db', 'supabase', 'a postgres:// address; over HTTP, supabase db push migrates', 'modelry db')
}

async function schemaState({ db }: Config) {
  switch (db.is) {
    case 'postgres': {
      requirePackage('pg', 'A registry on Postgres')
      const { postgresSchema } = await import('./adapters/metadata/postgres.js')
      return postgresSchema({ url: db.url })
    }
    case 'supabase':
      throw notOverHttp()
    case 'sqlite': {
      const { sqliteSchema } = await import('./adapters/metadata/sqlite.js')
      return sqliteSchema({ path: db.path })
    }
  }
}

/** What the stores need is there since these versions: `engines` of package.json. @throws ModelValidationError */
function requireNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major >= 24 || (major === 22 && minor >= 23)) return
  throw refuse('Node', process.versions.node, '22.23, 24 or newer', 'Opening the registry')
}

type OpenedStore = Pick<RegistryDeps, 'artifacts' | 'breaker' | 'spool'>

/** A folder on this machine answers at once; a store that does not is not asked for what was seen there. */
function chosenPlace(store: StoreConfig): Pick<RegistryDeps, 'prefix' | 'seen'> {
  if (store.is === 'file') return {}
  return { seen: new SeenFiles(), ...(store.prefix === undefined ? {} : { prefix: store.prefix }) }
}

async function openArtifacts({ store, breaker, fallback }: Config): Promise<OpenedStore> {
  if (store.is === 's3') {
    const opened = await openS3(store, breaker)
    return fallback === undefined ? opened : withSpool(opened, fallback)
  }
  const { FsArtifactStore } = await import('./adapters/artifacts/fs.js')
  return { artifacts: new FsArtifactStore({ root: store.root }) }
}

/** The folder stands in for the store while that is away; a circuit that closes tells that it is back. */
async function withSpool(
  { artifacts, breaker }: OpenedStore,
  options: NonNullable<Config['fallback']>,
): Promise<OpenedStore> {
  await refuseBlocked(options.folder)
  const { SpooledArtifactStore } = await import('./adapters/artifacts/spool.js')
  const spool = new SpooledArtifactStore(artifacts, {
    ...options,
    onBack: (listener) => breaker?.onChange(({ state }) => state === 'closed' && listener()) ?? (() => {}),
  })
  return { artifacts: spool, spool, ...(breaker === undefined ? {} : { breaker }) }
}

/** An outage would be the worst moment to find out. @throws ModelValidationError */
async function refuseBlocked(folder: string): Promise<void> {
  for (let above = folder; ; above = dirname(above)) {
    const found = await stat(above).catch(() => undefined)
    if (found?.isDirectory() || above === dirname(above)) return
    if (found !== undefined)
      throw refuse(
        'fallback.folder',
        folder,
        `a folder, or a path where one can be made: ${above} is a file`,
        'The configuration',
      )
  }
}

/** Behind the breaker of this process, so that `s3CircuitBreaker` is the one that guards it. */
async function openS3({ is: _, ...options }: S3StoreConfig, rules: Config['breaker']): Promise<OpenedStore> {
  requirePackage('@aws-sdk/client-s3', 'A store in S3')
  if (options.assumeRole !== undefined) requirePackage('@aws-sdk/credential-providers', 'A store with a role')
  const [{ S3ArtifactStore }, { s3CircuitBreaker }, { withCircuitBreaker }, { breakerOf }] =
    await Promise.all([
      import('./adapters/artifacts/s3.js'),
      import('./adapters/circuit-breaker.js'),
      import('./adapters/circuit-breaker-store.js'),
      import('./adapters/circuit-breaker-of-store.js'),
    ])
  const { bucket, endpoint } = options
  const place = { bucket, rules, ...(endpoint === undefined ? {} : { endpoint }) }
  return {
    artifacts: withCircuitBreaker(new S3ArtifactStore(options), s3CircuitBreaker, place),
    breaker: breakerOf(s3CircuitBreaker, place),
  }
}

async function openMetadata({ db, migrations }: Config): Promise<MetadataStore> {
  if (db.is === 'postgres') {
    requirePackage('pg', 'A registry on Postgres')
    const { openPostgresMetadataStore } = await import('./adapters/metadata/postgres.js')
    return openPostgresMetadataStore({ url: db.url, migrations })
  }
  if (db.is === 'supabase') {
    requirePackage('@supabase/supabase-js', 'A registry on Supabase')
    const { openSupabaseMetadataStore } = await import('./adapters/metadata/supabase.js')
    return openSupabaseMetadataStore({ url: db.url, serviceRoleKey: db.serviceRoleKey })
  }
  const { openSqliteMetadataStore } = await import('./adapters/metadata/sqlite.js')
  return openSqliteMetadataStore({ path: db.path, migrations })
}
