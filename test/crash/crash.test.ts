import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DuplicateModelError, fromFile, fromParts, ModelNotFoundError } from '../../src/index.js'
import type { Registry } from '../../src/registry/registry.js'
import { registryAt } from '../support/registry-at.js'
import { seededRandom } from '../support/seed.js'
import { checkAfterCrash } from './check-after-crash.js'
import { metadataOf, operations } from './operations.mjs'

const VICTIM = join(import.meta.dirname, 'victim.mjs')
const AN_HOUR = 3_600_000
/** Kill points tried for each operation; `all` tries every one, which takes minutes. */
const POINTS = process.env.MODELRY_CRASH_POINTS ?? '16'
const LARGE_BYTES = 100 * 1024 * 1024
const LARGE_KILLS = 6

let workshop: string
let template: string

beforeAll(async () => {
  workshop = await mkdtemp(join(tmpdir(), 'modelry-crash-'))
  template = join(workshop, 'template')
  const registry = await registryAt(template, 0)
  for (const version of ['1.0.0', '2.0.0', '3.0.0'])
    await registry.saveModel(
      fromParts({ 'model.json': { version }, 'w.bin': new Uint8Array(1000).fill(1) }),
      metadataOf(version),
    )
  await registry.deployModel('victim', '1.0.0', { environment: 'production' })
  await registry.close()
  await writeFile(join(workshop, 'large.bin'), randomBytes(LARGE_BYTES))
})
afterAll(() => rm(workshop, { recursive: true, force: true }))

describe.each(['save', 'deploy', 'archive', 'delete'] as const)(
  'a process killed while it does %s',
  (operation) => {
    it('leaves the registry whole, and the same call succeeds afterwards', { timeout: 600_000 }, async () => {
      const counted = await homeFor(`count-${operation}`)
      const { stdout, code } = await runVictim(counted, operation, 0)
      expect(code).toBe(0)
      const awaits = Number(stdout)
      expect(awaits).toBeGreaterThan(10)
      const random = seededRandom(`kill points of ${operation} out of ${awaits}`)
      await inPairs(killPoints(awaits, random), async (killAt) => {
        const home = await homeFor(`${operation}-${killAt}`)
        const { signal } = await runVictim(home, operation, killAt)
        // How often files that are written at once wait differs a little from run to run: the last points may be missed.
        if (killAt <= awaits * 0.9) expect(signal, `await ${killAt} of ${awaits}`).toBe('SIGKILL')
        await recover(home, (registry) => repeat(registry, operation))
      })
    })
  },
)

describe('a process killed during a save of 100 MB', () => {
  it('leaves no version without its bytes', { timeout: 600_000 }, async () => {
    const random = seededRandom('moments of the large save')
    const home = await homeFor('large-count')
    const begun = performance.now()
    expect((await runVictim(home, 'save-large', 0)).code).toBe(0)
    const tookMs = performance.now() - begun
    for (let n = 0; n < LARGE_KILLS; n++) {
      const target = await homeFor(`large-${n}`)
      await runVictim(target, 'save-large', 0, random.next() * tookMs)
      await recover(target, (registry) =>
        tolerate(
          DuplicateModelError,
          registry.saveModel(fromFile(join(workshop, 'large.bin')), metadataOf('4.0.0')),
        ),
      )
    }
  })
})

async function homeFor(name: string): Promise<string> {
  const home = join(workshop, name)
  await cp(template, home, { recursive: true })
  return home
}

/** The checks once after the crash, then the same call, then the checks again; removes the home when all held. */
async function recover(home: string, again: (registry: Registry) => Promise<unknown>): Promise<void> {
  const registry = await registryAt(home, AN_HOUR)
  await checkAfterCrash(registry, home)
  await again(registry)
  const left = await checkAfterCrash(registry, home)
  expect(left.filter(({ is }) => is === 'unfinished-save' || is === 'unfinished-deletion')).toEqual([])
  await registry.close()
  await rm(home, { recursive: true })
}

/** The call that was interrupted, as its user would make it again; it may have taken effect the first time. */
async function repeat(
  registry: Registry,
  operation: 'save' | 'deploy' | 'archive' | 'delete',
): Promise<void> {
  switch (operation) {
    case 'save':
      await tolerate(DuplicateModelError, operations.save(registry, { fromParts }))
      expect(await registry.getModel('victim', '4.0.0', { verify: 'content' })).not.toBeNull()
      return
    case 'deploy':
      await operations.deploy(registry)
      expect((await registry.getActiveModel('victim', 'production'))?.version).toBe('2.0.0')
      return
    case 'archive':
      expect((await operations.archive(registry)).deploymentStatus).toBe('archived')
      return
    case 'delete':
      await tolerate(ModelNotFoundError, operations.delete(registry))
      expect(await registry.getModel('victim', '3.0.0')).toBeNull()
  }
}

async function tolerate(kind: new (...args: never[]) => Error, done: Promise<unknown>): Promise<void> {
  await done.catch((error: unknown) => {
    if (!(error instanceof kind)) throw error
  })
}

/** All of them, or as many as asked for, one at a random place of each equal stretch. */
function killPoints(awaits: number, random: { below(limit: number): number }): number[] {
  if (POINTS === 'all' || Number(POINTS) >= awaits)
    return Array.from({ length: awaits }, (_, index) => index + 1)
  const stretch = awaits / Number(POINTS)
  return Array.from(
    { length: Number(POINTS) },
    (_, n) => Math.floor(n * stretch) + 1 + random.below(Math.floor(stretch)),
  )
}

async function inPairs(points: readonly number[], work: (point: number) => Promise<void>): Promise<void> {
  const waiting = points.values()
  const worker = async () => {
    for (const point of waiting) await work(point)
  }
  await Promise.all([worker(), worker()])
}

function runVictim(home: string, operation: string, killAt: number, killAfterMs?: number) {
  const victim = spawn(process.execPath, [VICTIM, home, operation, String(killAt)], {
    env: { ...process.env, MODELRY_LARGE_FILE: workshop },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => victim.kill('SIGKILL'), killAfterMs)
  let stdout = ''
  victim.stdout.on('data', (text) => {
    stdout += text
  })
  return new Promise<{ code: number | null; signal: string | null; stdout: string }>((resolve, reject) => {
    victim.on('error', reject)
    victim.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, stdout })
    })
  })
}
