import { onTestFinished } from 'vitest'
import {
  createModelRegistry,
  type ModelMetadata,
  type Registry,
  type RegistryOptions,
} from '../../../src/index.js'
import { temporaryFolder } from '../temporary-folder.js'
import { beside } from './connect.js'
import { freshDatabase, freshName, freshRole, migratedDatabase } from './fresh-database.js'
import { startPostgres } from './server.js'

interface Failing {
  /** The call that fails, and succeeds when the failure is repaired. */
  readonly call: () => Promise<unknown>
  /** What happens outside while the repair waits. */
  readonly meanwhile?: () => unknown
}

/** A failure of Postgres that is provoked for real, and the repair that ends it. */
export interface PostgresFixCase {
  readonly code: string
  readonly cause: string
  /** How it comes about. */
  readonly how: string
  readonly fix: string
  readonly needsConsent?: true
  readonly provoke: () => Promise<Failing>
}

const metadata: ModelMetadata = {
  ...{ modelId: 'btc-lstm', version: '1.0.0', modelType: 'lstm' },
  ...{ inputShape: [60, 5], outputShape: [1] },
}
const save = (registry: Registry, version = '1.0.0') =>
  registry.saveModel({ version }, { ...metadata, version })

async function opened(db: string, options: RegistryOptions = {}): Promise<Registry> {
  const registry = await createModelRegistry({ home: await temporaryFolder(), db, ...options })
  onTestFinished(() => registry.close())
  return registry
}

/** A server that is stopped and started again. */
async function ownServer() {
  const server = await startPostgres()
  onTestFinished(() => server.remove())
  return server
}

async function holdingRow(settings: string): Promise<Failing> {
  const url = await migratedDatabase()
  const registry = await opened(`${url}&${settings}`)
  await save(registry)
  const other = await beside(url)
  await other.query('begin; update trained_models set updated_at = 0')
  return {
    call: () => registry.updateMetadata('btc-lstm', '1.0.0', { description: 'new' }),
    meanwhile: () => other.query('rollback'),
  }
}

export const postgresFixCases: readonly PostgresFixCase[] = [
  {
    code: 'DATABASE_ERROR',
    cause: 'connection-refused',
    how: 'a save while the server of the database is down, until it is started again',
    fix: 'wait-for-database',
    async provoke() {
      const server = await ownServer()
      const registry = await opened(server.url())
      await server.stop()
      return { call: () => save(registry), meanwhile: () => server.start() }
    },
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'connection-refused',
    how: 'a registry that is opened while the server of the database is down',
    fix: 'wait-for-database',
    async provoke() {
      const server = await ownServer()
      await server.stop()
      return { call: () => opened(server.url()), meanwhile: () => server.start() }
    },
  },
  {
    code: 'DEPLOYMENT_FAILED',
    cause: 'transaction-failed',
    how: 'a deployment while the server of the database is down',
    fix: 'wait-for-database',
    async provoke() {
      const server = await ownServer()
      const registry = await opened(server.url())
      await save(registry)
      await server.stop()
      return {
        call: () => registry.deployModel('btc-lstm', '1.0.0', { environment: 'production' }),
        meanwhile: () => server.start(),
      }
    },
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'too-many-connections',
    how: 'a user who has as many connections as the server allows, until they are closed',
    fix: 'wait-for-database',
    async provoke() {
      // A connection that was closed counts until its process has ended, and each look of the repair closes one.
      const url = await freshRole(await freshDatabase(), 'connection limit 3')
      const others = await Promise.all([beside(url), beside(url), beside(url)])
      return { call: () => opened(url), meanwhile: () => Promise.all(others.map((other) => other.end())) }
    },
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'lock-not-available',
    how: 'a version that another transaction has changed and not committed',
    fix: 'wait-for-database',
    provoke: () => holdingRow('lock_timeout=50'),
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'statement-timeout',
    how: 'a statement that waits for another transaction for longer than it may take',
    fix: 'wait-for-database',
    provoke: () => holdingRow('statement_timeout=50'),
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'database-read-only',
    how: 'a database that was set to be read only, until that is undone',
    fix: 'wait-for-database',
    async provoke() {
      const url = await migratedDatabase()
      const other = await beside(url)
      const set = (value: 'on' | 'off') =>
        other.query(
          `alter database ${new URL(url).pathname.slice(1)} set default_transaction_read_only = ${value};
           set default_transaction_read_only = off;
           select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()`,
        )
      const registry = await opened(url)
      await set('on')
      return { call: () => save(registry), meanwhile: () => set('off') }
    },
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'database-missing',
    how: 'an address with a database that nobody has made',
    fix: 'create-database',
    needsConsent: true,
    provoke: async () => {
      const url = freshName()
      return { call: () => opened(url) }
    },
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'schema-older',
    how: 'tables that are not there yet, where opening may not make them',
    fix: 'run-migrations',
    needsConsent: true,
    provoke: async () => {
      const url = await freshDatabase()
      return { call: () => opened(url, { migrations: 'check' }) }
    },
  },
]
