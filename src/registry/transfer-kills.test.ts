import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { seededRandom } from '../../test/support/seed.js'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import { FsArtifactStore } from '../adapters/artifacts/fs.js'
import { readManifest } from './export-place.js'
import { engineWith } from './testing/engine-with.js'
import { everythingOf, fillRegistry } from './testing/transfer-fixture.js'

const VICTIM = fileURLToPath(new URL('./testing/transfer-victim.ts', import.meta.url))
const SOURCES = new URL('../adapters/metadata/testing/typescript-sources.mjs', import.meta.url).href
/** Steps at which a process is killed, for each operation; `MODELRY_CRASH_POINTS=all` tries every one. */
const POINTS = process.env.MODELRY_CRASH_POINTS ?? '10'

async function runVictim(operation: 'export' | 'import', home: string, place: string, killAt: number) {
  const child = spawn(
    process.execPath,
    ['--import', SOURCES, VICTIM, operation, home, place, String(killAt)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.once('close', (_code, signal) => resolve(signal))
  })
  const [stdout, signal] = await Promise.all([text(child.stdout), ended])
  return { steps: Number(stdout), signal }
}

function killPoints(steps: number, what: string): number[] {
  if (POINTS === 'all') return Array.from({ length: steps }, (_, i) => i + 1)
  const random = seededRandom(`kill points of ${what} out of ${steps}`)
  // One in each part, so that all of the run is tried.
  const parts = Number(POINTS)
  return Array.from({ length: parts }, (_, i) => 1 + Math.floor(((i + random.next()) * steps) / parts))
}

const placeAt = (root: string) => ({
  store: new FsArtifactStore({ root }),
  prefix: 's3://registry',
  shown: root,
  holds: 'exports' as const,
})

/** A registry with something of everything, as a folder to copy and as an engine to compare with. */
async function filled() {
  const engine = await engineWith()
  await fillRegistry(engine)
  const home = await temporaryFolder()
  const whole = placeAt(await temporaryFolder())
  await engine.exportTo(whole)
  await runVictim('import', home, whole.shown, 0)
  return { engine, home, whole, everything: await everythingOf(engine.registry) }
}

describe('a process that is killed', () => {
  it('while it exports leaves no export that is not whole, and the next one ends with all of it', {
    timeout: 600_000,
  }, async () => {
    const { home, everything } = await filled()
    const { steps } = await runVictim('export', home, await temporaryFolder(), 0)
    expect(steps).toBeGreaterThan(50)
    for (const killAt of killPoints(steps, 'export')) {
      const folder = await temporaryFolder()
      const place = placeAt(folder)
      const { signal } = await runVictim('export', home, folder, killAt)
      if (signal === 'SIGKILL') {
        const manifest = await readManifest(place).catch(() => undefined)
        // Killed after the last step that matters: what says that it is whole, is.
        if (manifest !== undefined) expect(manifest.counts.versions).toBe(everything.versions.length)
      }
      await runVictim('export', home, folder, 0)
      const other = await engineWith()
      await other.importFrom(place)
      expect(await everythingOf(other.registry), `killed at step ${killAt} of ${steps}`).toEqual(everything)
    }
  })

  it('while it imports leaves whole models alone, and the next one ends with the same registry', {
    timeout: 600_000,
  }, async () => {
    const { whole, everything } = await filled()
    const { steps } = await runVictim('import', await temporaryFolder(), whole.shown, 0)
    expect(steps).toBeGreaterThan(50)
    for (const killAt of killPoints(steps, 'import')) {
      const at = `killed at step ${killAt} of ${steps}`
      const home = await temporaryFolder()
      const { signal } = await runVictim('import', home, whole.shown, killAt)
      expect(signal, at).toBe('SIGKILL')
      // What is there when it begins again is what the kill has left.
      const engine = await engineWith({ home })
      const { versions } = await everythingOf(engine.registry)
      for (const version of versions) expect(everything.versions, at).toContainEqual(version)
      await engine.importFrom(whole)
      expect(await everythingOf(engine.registry), at).toEqual(everything)
      expect(await engine.metadata.listTokens()).toHaveLength(1)
      const left = (await engine.findings()).filter((finding) => !finding.startsWith('unfinished-upload'))
      expect(left, at).toEqual([])
    }
  })
})
