/**
 * One of several processes on one database: saves, moves an alias, deploys and lists until its time is over, then prints
 * what it was told. node --import ./typescript-sources.mjs hammer.ts <path> <name> <milliseconds> <journal>
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { parseModelId } from '../../../domain/model-id.js'
import { parseVersion } from '../../../domain/version.js'
import { isModelRegistryError } from '../../../errors/model-registry-error.js'
import {
  CHAMPION,
  contentOf,
  draftOf,
  LEASE_MS,
  PRODUCTION,
} from '../../../ports/testing/metadata/metadata-subject.js'
import { openSqliteMetadataStore } from '../sqlite.js'

export interface HammerReport {
  readonly name: string
  readonly published: readonly string[]
  readonly taken: number
  readonly deployments: readonly string[]
  readonly failures: readonly unknown[]
}

const [path = '', name = '', duration = '0', journal] = process.argv.slice(2)
const shared = parseModelId('shared')
const published: string[] = []
const deployments: string[] = []
const failures: unknown[] = []
let taken = 0

const store = await openSqliteMetadataStore({ path, journal: journal === 'delete' ? 'delete' : 'wal' })
const deadline = performance.now() + Number(duration)
for (let n = 0; performance.now() < deadline; n++) {
  try {
    await round(n)
  } catch (error) {
    failures.push(isModelRegistryError(error) ? error.toJSON() : String(error))
  }
  // What a program that serves others does between two changes: it lets its event loop turn.
  await delay(0)
}
await store.close()
const report: HammerReport = { name, published, taken, deployments, failures }
process.stdout.write(JSON.stringify(report))

async function round(n: number): Promise<void> {
  // All want the same versions, in the same order.
  const draft = draftOf(shared, parseVersion(`1.${n}.0`), { actor: name, tags: { by: name } })
  const reservation = await store.reserveVersion(draft, LEASE_MS)
  if (reservation.is === 'reserved') {
    const publication = await store.publishVersion(draft.saveId, contentOf(draft), name)
    if (publication.is === 'published') published.push(draft.version)
    await store.setAlias(shared, CHAMPION, draft.version, name)
  } else {
    taken += 1
  }
  const own = draftOf(shared, parseVersion(`1.${n}.0-${name}`), { actor: name, tags: { by: name } })
  if ((await store.recordVersion(own, contentOf(own))).is === 'published') published.push(own.version)
  const lock = { modelId: shared, environment: PRODUCTION, lockId: randomUUID() }
  const held = await store.acquireLock({ ...lock, holder: name, purpose: 'deploy', leaseMs: LEASE_MS })
  if (held.is === 'acquired') {
    const latest = await store.findVersion(shared, { is: 'latest' })
    const version = latest?.version ?? parseVersion('1.0.0')
    const activation = await store.activate({ lock, version, actor: name })
    if (activation.is === 'activated') deployments.push(activation.deployment.id)
    await store.releaseLock(lock)
  }
  await store.listModels({ limit: 20, orderBy: 'newest', tag: `by=${name}` })
}
