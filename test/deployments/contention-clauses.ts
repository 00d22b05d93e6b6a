import { spawn } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  ConcurrentDeploymentError,
  createModelRegistry,
  type Registry,
  type RegistryOptions,
} from '../../src/index.js'
import { allPages } from '../support/all-pages.js'
import { eventually } from '../support/eventually.js'
import { seededRandom } from '../support/seed.js'
import { temporaryFolder } from '../support/temporary-folder.js'
import { checkHistory, type Observation } from './check-history.js'
import { type Operation, readOperations } from './operations.js'

const WORKER = join(import.meta.dirname, 'worker.mjs')
const PROCESSES = 8
/** Calls of each process; `npm run conformance:deployments` makes 250, and saves 200 versions. */
const DEPLOYMENTS = Number(process.env.MODELRY_DEPLOYMENTS ?? 60)
const SAVES = Number(process.env.MODELRY_SAVES ?? 20)
const ENVIRONMENTS = ['staging', 'production'] as const
const LEASE_MS = 1_000

/**
 * What holds when many processes work on one registry at once.
 *
 * @param database - makes an empty database; gives the `db` of the configuration.
 */
export function contentionClauses(store: string, database: (folder: string) => Promise<string>): void {
  const opened = () => openedWith(database)

  describe(`many processes on one registry in ${store}`, { timeout: 1_800_000 }, () => {
    it('deploy one after the other, whatever dies: the histories of all of them agree', async () => {
      const { options, registry, folder } = await opened()
      await saveVersions(registry)
      const random = seededRandom('deployments of many processes')
      let ended = false
      const observing = observe(registry, () => ended)
      const logs = await Promise.all(
        Array.from({ length: PROCESSES }, (_, i) => deployToTheEnd(options, folder, i, random)),
      )
      ended = true
      const operations = logs.flat()
      const verdict = checkHistory({
        operations,
        deployments: await allPages((cursor) =>
          registry.listDeployments({ modelId: 'shared', limit: 1000, cursor }),
        ),
        history: await allPages((cursor) => registry.listHistory({ modelId: 'shared', limit: 1000, cursor })),
        observations: await observing,
      })
      console.info(verdict.checked.join('\n'))
      expect(verdict.problems).toEqual([])
      expect(operations).toHaveLength(PROCESSES * DEPLOYMENTS)
      expect(operations.filter(({ answer }) => answer.is === 'deployment').length).toBeGreaterThan(PROCESSES)
      expect(new Set(refusals(operations).map(({ code }) => code))).toSatisfy((codes: Set<string>) =>
        [...codes].every((code) => code === 'CONCURRENT_DEPLOYMENT' || code === 'DEPLOYMENT_FAILED'),
      )
    })

    it('save the same versions: each exists once, all others are told so, and nothing is left over', async () => {
      const { options, registry, folder } = await opened()
      const logs = await Promise.all(
        Array.from({ length: PROCESSES }, async (_, i) => {
          const log = join(folder, `saver-${i}.log`)
          await run(['save', JSON.stringify(options), `saver-${i}`, log, String(SAVES)])
          return readOperations(await readFile(log, 'utf8'))
        }),
      )
      const operations = logs.flat()
      const winners = operations.filter(({ answer }) => answer.is === 'record')
      const records = await registry.getModelVersions('wanted')
      console.info(`${operations.length} saves of ${SAVES} versions: ${winners.length} won.`)
      expect(winners.map(({ version }) => version).toSorted()).toEqual(
        Array.from({ length: SAVES }, (_, n) => `1.${n}.0`).toSorted(),
      )
      expect(records.map(({ version }) => String(version)).toSorted()).toEqual(
        winners.map(({ version }) => version).toSorted(),
      )
      for (const { version, createdBy } of records)
        expect(winners.find((one) => one.version === version)?.actor.split('#')[0]).toBe(createdBy)
      expect(new Set(refusals(operations).map(({ code }) => code))).toEqual(new Set(['DUPLICATE_MODEL']))
      for (const { version } of records)
        expect(await registry.getModel('wanted', version, { verify: 'content' })).not.toBeNull()
      const left = []
      for await (const finding of registry.scan()) left.push(finding)
      expect(left).toEqual([])
    })

    it('keep out of a smoke test that goes on, and deploy once its process was killed', async () => {
      const { options, registry } = await opened()
      await saveVersions(registry)
      const first = await registry.deployModel('shared', '1.0.0', { environment: 'production' })
      const child = spawn(process.execPath, [WORKER, 'hold', JSON.stringify(options), 'holder'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      onTestFinished(() => void child.kill('SIGKILL'))
      await new Promise((resolve) => child.stdout.once('data', resolve))

      // Longer than the lease: it is renewed while the test goes on.
      const deploy = (waitMs: number) =>
        registry.deployModel('shared', '3.0.0', { environment: 'production', waitMs })
      const held = await deploy(3 * LEASE_MS).catch((error: unknown) => error)
      expect(held).toBeInstanceOf(ConcurrentDeploymentError)
      expect(held).toMatchObject({
        context: { holder: expect.stringMatching(/^holder \(.+:\d+\)$/), purpose: 'deploy 2.0.0' },
      })

      const dead = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await dead
      expect((await registry.getActiveModel('shared', 'production'))?.version).toBe('1.0.0')
      const second = await eventually(() => deploy(0))
      expect(second).toMatchObject({ previousId: first.id, fence: first.fence + 1 })
    })
  })
}

/** An empty registry that processes share. */
async function openedWith(database: (folder: string) => Promise<string>) {
  const folder = await temporaryFolder()
  const home = join(folder, 'home')
  await mkdir(home)
  const options: RegistryOptions = {
    home,
    lockLeaseMs: LEASE_MS,
    db: await database(folder),
  }
  const registry = await createModelRegistry({ ...options, actor: 'observer' })
  onTestFinished(() => registry.close())
  return { folder, options, registry }
}

async function saveVersions(registry: Registry): Promise<void> {
  for (const version of ['1.0.0', '2.0.0', '3.0.0'])
    await registry.saveModel(
      { version },
      { modelId: 'shared', version, modelType: 'neural', inputShape: [1], outputShape: [1] },
    )
}

/** Runs one process until it has made all of its calls; one that kills itself is followed by another. */
async function deployToTheEnd(
  options: RegistryOptions,
  folder: string,
  index: number,
  random: ReturnType<typeof seededRandom>,
): Promise<Operation[]> {
  const operations: Operation[] = []
  for (let life = 1; operations.length < DEPLOYMENTS; life++) {
    const name = `w${index}.${life}`
    const log = join(folder, `${name}.log`)
    const left = DEPLOYMENTS - operations.length
    await run([
      ...['deploy', JSON.stringify(options), name, log],
      ...[operations.length, left, random.below(2 ** 31)].map(String),
    ])
    operations.push(...readOperations(await readFile(log, 'utf8')))
  }
  return operations
}

function run(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [WORKER, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      code === 0 || signal === 'SIGKILL' ? resolve() : reject(new Error(`a process ended with ${code}`)),
    )
  })
}

/** Looks again and again at what is active. */
async function observe(registry: Registry, ended: () => boolean): Promise<Observation[]> {
  const observations: Observation[] = []
  while (!ended())
    for (const environment of ENVIRONMENTS) {
      const page = await registry.listDeployments({ modelId: 'shared', environment, limit: 50 })
      const active = page.filter(({ status }) => status === 'active').map(({ fence }) => fence)
      observations.push({ environment, active })
      // What a program that serves others does between two looks.
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  return observations
}

function refusals(operations: readonly Operation[]) {
  return operations.flatMap(({ answer }) => (answer.is === 'failed' ? [answer] : []))
}
