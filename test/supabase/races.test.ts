import { randomUUID } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import { openPostgresMetadataStore } from '../../src/adapters/metadata/postgres.js'
import { openSupabaseMetadataStore } from '../../src/adapters/metadata/supabase.js'
import type { TransferRow } from '../../src/domain/transfer-row.js'
import { parseVersion, type Version } from '../../src/domain/version.js'
import type { MetadataStore } from '../../src/ports/metadata-store.js'
import {
  contentOf,
  draftOf,
  LEASE_MS,
  MODEL,
  PRODUCTION,
} from '../../src/ports/testing/metadata/metadata-subject.js'
import { seededRandom } from '../support/seed.js'
import { freshProject, type Project } from '../support/supabase/project.js'
import { type Fault, isForGood } from '../support/supabase/stand-in.js'

async function clientOf({ url, serviceRoleKey }: Project): Promise<MetadataStore> {
  const store = await openSupabaseMetadataStore({ url, serviceRoleKey })
  onTestFinished(() => store.close())
  return store
}

/** Two programs that come over HTTP and one that has a connection of its own. */
async function programsOf(project: Project): Promise<MetadataStore[]> {
  const direct = await openPostgresMetadataStore({ url: project.databaseUrl, poolSize: 4 })
  onTestFinished(() => direct.close())
  return [await clientOf(project), await clientOf(project), direct]
}

const versions = (count: number): Version[] =>
  Array.from({ length: count }, (_, i) => parseVersion(`${i + 1}.0.0`))

function saveAll(store: MetadataStore, all: readonly Version[]) {
  return Promise.all(
    all.map((version) => {
      const draft = draftOf(MODEL, version)
      return store.recordVersion(draft, contentOf(draft))
    }),
  )
}

it('programs that save the same versions, over HTTP and over connections, make each once', async () => {
  const programs = await programsOf(await freshProject())
  const [first] = programs
  const all = versions(20)
  const answers = await Promise.all(programs.map((store) => saveAll(store, all)))
  for (const [i, version] of all.entries()) {
    const ofVersion = answers.map((answer) => answer[i])
    expect(ofVersion.map((answer) => answer?.is).sort()).toEqual(['published', 'taken', 'taken'])
    const records = ofVersion.map((answer) => answer !== undefined && 'record' in answer && answer.record)
    for (const record of records)
      expect(record).toEqual(await first?.findVersion(MODEL, { is: 'version', version }))
  }
  const page = await first?.listVersions(MODEL, { limit: 100 })
  expect(page?.map(({ number }) => number).sort((a, b) => a - b)).toEqual(all.map((_, i) => i + 1))
  const history = (await first?.listHistory({ limit: 100 })) ?? []
  expect(history.filter(({ action }) => action === 'saved')).toHaveLength(all.length)
})

it('programs that deploy to one place, over HTTP and over connections, leave one chain of deployments', async () => {
  const programs = await programsOf(await freshProject())
  const [first] = programs
  const all = versions(3)
  if (first !== undefined) await saveAll(first, all)
  const deploy = async (store: MetadataStore, version: Version | undefined) => {
    if (version === undefined) throw new TypeError('there are three')
    const lock = { modelId: MODEL, environment: PRODUCTION, lockId: randomUUID() }
    const request = { ...lock, holder: 'ci', purpose: 'deploy', leaseMs: LEASE_MS }
    return store.activate({ lock: request, version, actor: 'ci' })
  }
  const answers = await Promise.all(
    programs.map(async (store, program) => {
      const own = []
      for (let i = 0; i < 15; i++) own.push((await deploy(store, all[(i + program) % all.length])).is)
      return own
    }),
  )
  const chain = [...((await first?.listDeployments({ limit: 100 })) ?? [])].reverse()
  expect(chain).toHaveLength(answers.flat().filter((is) => is === 'activated').length)
  expect(chain.length).toBeGreaterThan(3)
  expect(chain.map(({ fence }) => fence)).toEqual(chain.map((_, i) => i + 1))
  for (const [i, deployment] of chain.entries()) {
    expect(deployment.previousId).toBe(chain[i - 1]?.id)
    expect(deployment.supersededAt).toBe(chain[i + 1]?.deployedAt)
  }
})

it('no change is lost or made twice while requests and answers are', async () => {
  const project = await freshProject()
  const random = seededRandom('lost requests and answers')
  const faults: readonly Fault[] = [{ is: 'dropped' }, { is: 'answer-lost' }, { is: 'gateway-timeout' }]
  const clients = [await clientOf(project), await clientOf(project)]
  project.faults = (name, body) =>
    isForGood(name, body) && random.next() < 0.3 ? faults[random.below(faults.length)] : undefined
  const all = versions(12)
  const answers = await Promise.all(clients.map((store) => saveAll(store, all)))
  project.faults = () => undefined
  for (const [i] of all.entries())
    expect(answers.map((answer) => answer[i]?.is).sort()).toEqual(['published', 'taken'])
  const history = (await clients[0]?.listHistory({ limit: 100 })) ?? []
  expect(history.map(({ version }) => version).sort()).toEqual(all.toSorted())
})

it('a change takes few requests, however many rows it writes', async () => {
  const project = await freshProject()
  const store = await clientOf(project)
  const requests = () => [...project.requests.values()].reduce((sum, count) => sum + count, 0)
  const asked = async (work: () => Promise<unknown>) => {
    const before = requests()
    await work()
    return requests() - before
  }
  const paths = Array.from({ length: 500 }, (_, i) => `part-${i}.bin`)
  const draft = draftOf(MODEL, parseVersion('1.0.0'))
  expect(await asked(() => store.recordVersion(draft, contentOf(draft, ...paths)))).toBeLessThan(10)
  await saveAll(store, versions(60).slice(1))
  const rows = await store.exportRows(
    async (all) => {
      const collected: TransferRow[] = []
      for await (const row of all) collected.push(row)
      return collected
    },
    { modelId: MODEL },
  )
  const other = await freshProject()
  const target = await clientOf(other)
  other.requests.clear()
  const named = rows.flatMap((row) => (row.row === 'token' ? [] : [row]))
  expect(
    await target.importRows(async function* () {
      yield* named
    }),
  ).toEqual({ is: 'imported', renumbered: false })
  expect(other.requests.get('rpc/modelry_change')).toBeLessThan(40)
})
