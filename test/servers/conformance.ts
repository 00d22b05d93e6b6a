import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openPostgresMetadataStore } from '../../src/adapters/metadata/postgres.js'
import { manualClock } from '../../src/adapters/metadata/testing/manual-clock.js'
import { connectRegistry } from '../../src/client/index.js'
import { createModelRegistry, isModelRegistryError, type Registry } from '../../src/index.js'
import { metadataStoreContract } from '../../src/ports/metadata-store.contract.js'
import { checkHistory } from '../deployments/check-history.js'
import type { Operation } from '../deployments/operations.js'
import { allPages } from '../support/all-pages.js'
import { eventually } from '../support/eventually.js'
import { type Running, startModelry } from '../support/modelry.js'
import { freshDatabase } from '../support/postgres/fresh-database.js'
import { transactionPooler } from '../support/postgres/pooler.js'
import { freePorts } from '../support/s3/free-ports.js'
import { seededRandom } from '../support/seed.js'
import { temporaryFolder } from '../support/temporary-folder.js'
import { roundRobin } from './round-robin.js'

const SERVERS = 3
const CALLERS = 6
const DURATION_MS = Number(process.env.MODELRY_SERVERS_MS ?? 60_000)
const ENVIRONMENTS = ['staging', 'production'] as const
const shapes = { modelType: 'neural', inputShape: [1], outputShape: [1] } as const

interface Saved {
  readonly modelId: string
  readonly version: string
  readonly sha256: string
}

/** What came of all calls of one caller. */
interface Account {
  readonly operations: Operation[]
  readonly saved: Saved[]
  readonly reads: number
  /** Errors that the client did not settle, by their code, cause and outcome. */
  readonly failures: string[]
  /** Answers that cannot be. */
  readonly wrong: string[]
}

/** A server that is killed and started again on its port. */
function keeper(args: readonly string[], port: number) {
  let running: Running | undefined
  const start = async () => {
    running = startModelry([...args, '--port', String(port)])
    await eventually(
      async () => expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200),
      30_000,
    )
  }
  const kill = async () => {
    running?.child.kill('SIGKILL')
    await running?.exit
  }
  onTestFinished(kill)
  return { start, kill }
}

describe('three servers behind a round-robin on one Postgres and one store', () => {
  it('lose no write that was acknowledged, and give no wrong answer, while one is killed each second', {
    timeout: DURATION_MS + 300_000,
  }, async () => {
    const folder = await temporaryFolder()
    const stores = { db: await freshDatabase(), store: `file:${join(folder, 'files')}` }
    const observer = await createModelRegistry({
      home: join(folder, 'observer'),
      ...stores,
      actor: 'observer',
    })
    onTestFinished(() => observer.close())
    for (const version of ['1.0.0', '2.0.0', '3.0.0'])
      await observer.saveModel({ version }, { modelId: 'shared', version, ...shapes })
    const ports = await freePorts(SERVERS)
    const servers = ports.map((port, index) =>
      keeper(
        ['serve', '--home', join(folder, `server-${index}`), '--db', stores.db, '--store', stores.store],
        port,
      ),
    )
    await Promise.all(servers.map(({ start }) => start()))
    const url = await roundRobin(ports)
    const random = seededRandom('servers that are killed')

    let ended = false
    let kills = 0
    const killing = (async () => {
      const starts = servers.map(() => Promise.resolve())
      while (!ended) {
        await wait(1_000)
        const index = kills++ % SERVERS
        await starts[index]
        await servers[index]?.kill()
        starts[index] = servers[index]?.start() ?? Promise.resolve()
      }
      await Promise.all(starts)
    })()
    const accounts = Promise.all(
      Array.from({ length: CALLERS }, (_, n) => callUntil(() => ended, url, n, random)),
    )
    await wait(DURATION_MS)
    ended = true
    await killing
    const all = await accounts
    const saved = all.flatMap((one) => one.saved)
    const operations = all.flatMap((one) => one.operations)
    const failures = Map.groupBy(
      all.flatMap((one) => one.failures),
      (failure) => failure,
    )
    console.info(
      [
        `${kills} kills, ${saved.length} saves and ${operations.length} deployments by ${CALLERS} callers, ${all.reduce((sum, { reads }) => sum + reads, 0)} reads.`,
        ...[...failures].map(([failure, { length }]) => `${length} times ${failure}`),
      ].join('\n'),
    )
    expect(all.flatMap((one) => one.wrong)).toEqual([])
    // Nobody else wanted these versions, so that nothing but a lost connection can be in the way.
    for (const failure of failures.keys()) expect(failure).toMatch(SETTLED_BY_HAND)
    await expectSaved(observer, saved)
    const verdict = checkHistory({
      operations,
      deployments: await allPages((cursor) =>
        observer.listDeployments({ modelId: 'shared', limit: 1_000, cursor }),
      ),
      history: await allPages((cursor) => observer.listHistory({ modelId: 'shared', limit: 1_000, cursor })),
      observations: [],
    })
    console.info(verdict.checked.join('\n'))
    expect(verdict.problems).toEqual([])
    expect(saved.length).toBeGreaterThan(CALLERS)
    expect(operations.length).toBeGreaterThan(CALLERS)
  })
})

/** A caller is told that its connection broke, or that another deployment goes on: both it may settle by asking again. */
const SETTLED_BY_HAND = /^S3_UNAVAILABLE server-unreachable |^CONCURRENT_DEPLOYMENT /

async function callUntil(
  ended: () => boolean,
  url: string,
  n: number,
  random: ReturnType<typeof seededRandom>,
): Promise<Account> {
  const registry = connectRegistry({ url, actor: `caller-${n}` })
  const account = {
    ...{ operations: [] as Operation[], saved: [] as Saved[], reads: 0 },
    ...{ failures: [] as string[], wrong: [] as string[] },
  }
  for (let i = 0; !ended(); i++) {
    try {
      if (i % 2 === 0) await deploy(registry, `caller-${n}#${i}`, random, account)
      else await saveAndRead(registry, `caller-${n}`, `1.${i}.0`, account)
    } catch (error) {
      if (!isModelRegistryError(error)) throw error
      account.failures.push(`${error.code} ${error.reason.id} ${error.outcome}`)
    }
  }
  await registry.close()
  return account
}

async function saveAndRead(
  registry: Registry,
  modelId: string,
  version: string,
  account: { saved: Saved[]; reads: number; wrong: string[] },
): Promise<void> {
  const saved = await registry.saveModel({ modelId, version }, { modelId, version, ...shapes })
  const [file] = saved.files
  account.saved.push({ modelId, version, sha256: file?.sha256 ?? '' })
  const found = await registry.getModel(modelId, version)
  account.reads += 1
  if (found?.files[0]?.sha256 !== file?.sha256)
    account.wrong.push(
      `${modelId}@${version} was saved, and a server after that answered ${found?.version ?? 'null'}`,
    )
  const loaded = await (await registry.loadModel(modelId, version)).json()
  account.reads += 1
  if (JSON.stringify(loaded) !== JSON.stringify({ modelId, version }))
    account.wrong.push(`${modelId}@${version} was loaded as ${JSON.stringify(loaded)}`)
}

async function deploy(
  registry: Registry,
  actor: string,
  random: ReturnType<typeof seededRandom>,
  { operations }: Pick<Account, 'operations'>,
): Promise<void> {
  const environment = ENVIRONMENTS[random.below(ENVIRONMENTS.length)] ?? 'production'
  const version = `${1 + random.below(3)}.0.0`
  const call = { actor, is: 'deploy', environment, version, at: Date.now() } as const
  try {
    const deployment = await registry.deployModel('shared', version, { environment, actor, waitMs: 5_000 })
    operations.push({ ...call, answer: { is: 'deployment', at: Date.now(), deployment } })
  } catch (error) {
    if (!isModelRegistryError(error)) throw error
    const { code, outcome, reason } = error
    operations.push({ ...call, answer: { is: 'failed', at: Date.now(), code, cause: reason.id, outcome } })
    throw error
  }
}

async function expectSaved(registry: Registry, saved: readonly Saved[]): Promise<void> {
  for (const { modelId, version, sha256 } of saved) {
    const record = await registry.getModel(modelId, version, { verify: 'content' })
    expect({ modelId, version, sha256: record?.files[0]?.sha256 }).toEqual({ modelId, version, sha256 })
  }
}

metadataStoreContract('postgres behind a pooler in transaction mode', async () => {
  const clock = manualClock()
  const { url } = await transactionPooler(await freshDatabase(), 3)
  return { store: await openPostgresMetadataStore({ url, now: clock.now, poolSize: 4 }), clock }
})
