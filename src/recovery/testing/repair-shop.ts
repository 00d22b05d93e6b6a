import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate as turn } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.js'
import { FsArtifactStore } from '../../adapters/artifacts/fs.js'
import { openSqliteMetadataStore } from '../../adapters/metadata/sqlite.js'
import type { ModelMetadata } from '../../domain/metadata.js'
import type { FixEffect } from '../../errors/auto-fix.js'
import type { DatabaseSetup } from '../../errors/fix.js'
import type { ModelRegistryError } from '../../errors/model-registry-error.js'
import type { ArtifactStore } from '../../ports/artifact-store.js'
import type { MetadataStore } from '../../ports/metadata-store.js'
import { createEngine } from '../../registry/create-engine.js'
import type { Registry } from '../../registry/registry.js'
import { RegistryEvents } from '../../registry/registry-events.js'
import { autoFixers } from '../auto-fixers.js'

export const LEASE_MS = 60_000
export const metadata: ModelMetadata = {
  modelId: 'btc-lstm',
  version: '1.0.0',
  modelType: 'lstm',
  inputShape: [60, 5],
  outputShape: [1],
}

/** The state of everything, in the parts that repairs may change and those that none may. */
interface Snapshot {
  readonly reservation: string
  readonly 'probe-row': string
  readonly 'deployment-lock': string
  readonly recorded: string
}

/** A registry whose repairs are watched: what they ask of the stores, and what happens while they wait. */
export interface RepairShop {
  readonly home: string
  readonly registry: Registry
  /** Ties an error that a test has made to the repairs of this registry. */
  equip(error: ModelRegistryError): void
  /** The stores without anybody watching. */
  readonly artifacts: ArtifactStore
  readonly metadata: MetadataStore
  /** The effects that repairs had, in order: what they called that changes something. */
  readonly effects: (FixEffect | 'forbidden')[]
  /** Every call that repairs made. */
  readonly calls: string[]
  /** Moves the clock of the leases. */
  advance(ms: number): void
  /** Something that happens outside when a repair waits for the first time. */
  meanwhile(happens: () => Promise<void> | void): void
  /** Ends the repair, as a crash would, before or after its `nth` call of a store; it does nothing after that. */
  dieAt(nth: number, when: 'before' | 'after'): void
  /** A new life: repairs run to their end again. */
  revive(): void
  snapshot(): Promise<Snapshot>
}

/** That of a database which is there, with all of its tables. */
export const noSetup: DatabaseSetup = {
  migratesAtOpen: true,
  missing: async () => [],
  migrate: async () => [],
  writers: async () => [],
  create: async () => false,
}

/** What a repair may call that changes something, and which effect that is. */
const EFFECT_OF: Readonly<Record<string, FixEffect>> = {
  beginIdempotent: 'probe-row',
  forgetIdempotent: 'probe-row',
  releaseExpiredLock: 'deployment-lock',
  reclaimSpace: 'database-log',
}
const READS = /^(?:find|list|neighbours$|knownAddresses$|wasActive$|check$|open$|stat$)/

export async function repairShop(folder?: string): Promise<RepairShop> {
  const home = folder ?? (await temporaryFolder())
  let laterMs = 0
  let happens: (() => Promise<void> | void) | undefined
  let death: { nth: number; when: 'before' | 'after' } | undefined
  const calls: string[] = []
  const effects: (FixEffect | 'forbidden')[] = []
  const now = () => Date.now() + laterMs
  const artifacts = new FsArtifactStore({ root: join(home, 'artifacts') })
  const database = join(home, 'registry.db')
  const metadata = await openSqliteMetadataStore({ path: database, now, patienceMs: 20 })

  const watched = <T extends object>(store: T): T =>
    new Proxy(store, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function' || typeof name !== 'string') return method
        return async (...args: unknown[]) => {
          calls.push(name)
          if (!READS.test(name)) effects.push(EFFECT_OF[name] ?? 'forbidden')
          const isLast = death !== undefined && calls.length >= death.nth
          if (isLast && (calls.length > (death?.nth ?? 0) || death?.when === 'before'))
            throw new TypeError('dead')
          const answer: unknown = await method.apply(target, args)
          if (isLast) throw new TypeError('dead')
          return answer
        }
      },
    })

  const { registry, equip } = createEngine({
    artifacts,
    metadata,
    events: new RegistryEvents(),
    // One that asks for an approval, and those that the other tests use.
    environments: { production: {}, staging: {}, guarded: { approvals: 1 } },
    actor: 'tester',
    holder: 'here:1',
    bucket: 'models',
    saveLeaseMs: LEASE_MS,
    lockLeaseMs: LEASE_MS,
    newId: randomUUID,
    now: () => new Date(now()),
    fixerFor: autoFixers({
      artifacts: watched(artifacts),
      metadata: watched(metadata),
      onDatabase: (work) => work(watched(metadata)),
      setup: noSetup,
      newId: randomUUID,
      async pause(ms, signal) {
        signal.throwIfAborted()
        laterMs += ms
        const event = happens
        happens = undefined
        await event?.()
        await turn()
        signal.throwIfAborted()
      },
    }),
  })
  onTestFinished(() => registry.close())

  return {
    home,
    registry,
    equip,
    artifacts,
    metadata,
    calls,
    effects,
    advance(ms) {
      laterMs += ms
    },
    meanwhile(event) {
      happens = event
    },
    dieAt(nth, when) {
      calls.length = 0
      death = { nth, when }
    },
    revive() {
      death = undefined
    },
    snapshot: async () => ({
      ...tables(database),
      recorded: `${tables(database).recorded}${await files(home)}`,
    }),
  }
}

/** What the database says, without the ids and times in which two runs of the same story differ. */
function tables(path: string): Snapshot {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 10_000 })
  try {
    const rows = (sql: string) => database.prepare(sql).all()
    const plain = (value: unknown) =>
      JSON.stringify(value, null, 1)
        .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>')
        .replaceAll(/\b1[0-9]{12}\b/g, '<time>')
        .replaceAll(/\b20\d\d-\d\d-\d\dT[\d:.]{12}Z\b/g, '<time>')
    const names = ['files', 'deployments', 'approvals', 'history', 'aliases', 'version_tags']
    const here = rows(`select name from sqlite_master where type = 'table'`).map(({ name }) => String(name))
    // A name that is only reserved comes and goes with the reservation.
    const visible = `model_id in (select model_id from trained_models where state <> 'saving')`
    return {
      reservation: plain([
        rows(`select * from models where not ${visible}`),
        rows(`select * from trained_models where state = 'saving' order by id`),
      ]),
      'probe-row': plain(rows('select * from idempotency_keys')),
      'deployment-lock': plain(rows('select * from deployment_locks')),
      recorded: plain([
        rows(`select * from models where ${visible}`),
        rows(`select * from trained_models where state <> 'saving' order by id`),
        ...names.filter((name) => here.includes(name)).map((name) => rows(`select * from ${name}`)),
      ]),
    }
  } finally {
    database.close()
  }
}

async function files(home: string): Promise<string> {
  const root = join(home, 'artifacts')
  const found = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
  const lines = found
    .filter((entry) => entry.isFile())
    .map(async (entry) => {
      const path = join(entry.parentPath, entry.name)
      const sha256 = createHash('sha256')
        .update(await readFile(path))
        .digest('hex')
      return `${path.slice(root.length).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>')} ${sha256}\n`
    })
  return (await Promise.all(lines)).sort().join('')
}
