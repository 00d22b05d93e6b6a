import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Registry } from '../src/registry/registry.js'
import { sqlite } from './support/dist.ts'
import { type Row, report } from './support/report.ts'
import { inScratchFolder } from './support/scratch.ts'
import { inTurns, median, medianRatio } from './support/statistics.ts'

const dist = new URL('../dist/', import.meta.url)
const { FsArtifactStore }: typeof import('../src/adapters/artifacts/fs.js') = await import(
  `${dist}adapters/artifacts/fs.js`
)
const { createEngine }: typeof import('../src/registry/create-engine.js') = await import(
  `${dist}registry/create-engine.js`
)
const { RegistryEvents }: typeof import('../src/registry/registry-events.js') = await import(
  `${dist}registry/registry-events.js`
)
const { openSqliteMetadataStore } = await sqlite()

const ROUNDS = 7
const ROUND_MS = 400
const MB = 1024 * 1024
const LARGE_BYTES = 64 * MB
const LEASE_MS = 60_000

/** @param n - counts up, so that each can differ. */
type Write = (registry: Registry, n: number) => Promise<unknown>

let counted = 0
const small = Buffer.alloc(1024, 'weights ')
const large = Buffer.alloc(LARGE_BYTES, 'weights ')
const saving =
  (model: Buffer): Write =>
  (registry, n) =>
    registry.saveModel(model, metadataOf(`model-${n % 20}`, `1.0.${n}`))
/** The other one of two each time that the alias or the environment is met again. */
const otherVersion = (n: number) => `1.${Math.floor(n / 16) % 2}.0`
const settingAlias: Write = (registry, n) => registry.setAlias('base', `alias-${n % 16}`, otherVersion(n))
const deploying: Write = (registry, n) =>
  registry.deployModel('base', otherVersion(n), { environment: `place-${n % 16}`, waitMs: 10_000 })

await inScratchFolder(async (folder) => {
  const full = await openRegistry(join(folder, 'full'), 'full')
  const none = await openRegistry(join(folder, 'none'), 'none')
  try {
    const rows: Row[] = []
    for (const atOnce of [1, 16]) {
      const rates = (write: Write) => ratesOf(full, none, write, atOnce)
      rows.push(beside(`save 1 KB (${atOnce} at once)`, 'a second', await rates(saving(small))))
      rows.push(beside(`set alias (${atOnce} at once)`, 'a second', await rates(settingAlias)))
      rows.push(beside(`deploy (${atOnce} at once)`, 'a second', await rates(deploying)))
    }
    const megabytes = {
      full: () => speedOfLargeSave(full),
      none: () => speedOfLargeSave(none),
    }
    rows.push(beside('save 64 MB', 'MB/s', await inTurns(megabytes, ROUNDS)))
    report('durable writes, beside the same without', rows)
  } finally {
    await Promise.all([full.close(), none.close()])
  }
})

/** The registry as it is composed by default, but for how durable its stores are. */
async function openRegistry(home: string, durability: 'full' | 'none'): Promise<Registry> {
  const { registry } = createEngine({
    artifacts: new FsArtifactStore({ root: join(home, 'artifacts'), durability }),
    metadata: await openSqliteMetadataStore({ path: join(home, 'registry.db'), durability }),
    events: new RegistryEvents(),
    environments: {},
    actor: 'bench',
    holder: `bench:${process.pid}`,
    bucket: 'models',
    saveLeaseMs: LEASE_MS,
    lockLeaseMs: LEASE_MS,
    newId: randomUUID,
    now: () => new Date(),
  })
  for (const version of ['1.0.0', '1.1.0']) await registry.saveModel(small, metadataOf('base', version))
  return registry
}

function metadataOf(modelId: string, version: string) {
  return { modelId, version, modelType: 'lstm' as const, inputShape: [60, 5], outputShape: [1] }
}

function ratesOf(full: Registry, none: Registry, write: Write, atOnce: number) {
  return inTurns({ full: () => rateOf(full, write, atOnce), none: () => rateOf(none, write, atOnce) }, ROUNDS)
}

/** @returns how many a second are acknowledged, when each of `atOnce` callers waits for its own. */
async function rateOf(registry: Registry, write: Write, atOnce: number): Promise<number> {
  const started = performance.now()
  const deadline = started + ROUND_MS
  let done = 0
  const caller = async () => {
    while (performance.now() < deadline) {
      await write(registry, counted++)
      done += 1
    }
  }
  await Promise.all(Array.from({ length: atOnce }, caller))
  return (done / (performance.now() - started)) * 1000
}

/** Removed again, so that neither the disk nor the memory for its pages fills up. */
async function speedOfLargeSave(registry: Registry): Promise<number> {
  const version = `2.0.${counted++}`
  const started = performance.now()
  await registry.saveModel(large, metadataOf('base', version))
  const ms = performance.now() - started
  await registry.deleteModel('base', version)
  return LARGE_BYTES / 1e3 / ms
}

/** The ratio is what is left of the throughput when writes are durable. It has no target: it is what a promise costs. */
function beside(title: string, unit: string, { full, none }: Record<'full' | 'none', number[]>): Row {
  return { case: title, unit, value: median(full), peer: median(none), ratio: medianRatio(full, none) }
}
