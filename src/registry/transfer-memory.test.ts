import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import { parseVersion } from '../domain/version.js'
import { draftOf } from '../ports/testing/metadata/metadata-subject.js'
import { fromFile } from '../sources/from-file.js'
import { readManifest } from './export-place.js'
import { engineWith } from './testing/engine-with.js'
import { metadata } from './testing/registry-fixture.js'
import { folderPlace } from './testing/transfer-fixture.js'

const VICTIM = fileURLToPath(new URL('./testing/transfer-victim.ts', import.meta.url))
const SOURCES = new URL('../adapters/metadata/testing/typescript-sources.mjs', import.meta.url).href
const PEAK = new URL('../../test/memory/peak.mjs', import.meta.url).href

const FILE_BYTES = 512 * 1024 * 1024
const VERSIONS = 3000
/** JSON of one version, about. */
const ROW_BYTES = 30_000
/** What JavaScript may use, which is less than the rows are. */
const HEAP_MB = 64
/** Less than the file is. */
const LIMIT_BYTES = 450_000_000

/** Runs in a heap that is too small for the rows. @returns the largest resident set, in bytes. */
async function run(operation: 'export' | 'import', home: string, place: string): Promise<number> {
  const peakFile = join(await temporaryFolder(), 'peak')
  const child = spawn(
    process.execPath,
    [
      `--max-old-space-size=${HEAP_MB}`,
      ...['--import', PEAK, '--import', SOURCES, VICTIM, operation, home, place, '0'],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, MODELRY_PEAK_FILE: peakFile } },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  expect(await once(child, 'close')).toEqual([0, null])
  return Number(await readFile(peakFile, 'utf8'))
}

it('an export and an import hold neither the rows of one model nor one file whole', {
  timeout: 300_000,
}, async () => {
  const home = await temporaryFolder()
  const engine = await engineWith({ home })
  const sparse = join(home, 'sparse')
  const handle = await open(sparse, 'w')
  await handle.truncate(FILE_BYTES)
  await handle.close()
  await engine.registry.saveModel(fromFile(sparse), { ...metadata, modelId: 'large' })
  const { files, digest } = await engine.registry.saveModel(
    { small: true },
    { ...metadata, modelId: 'small' },
  )
  const many = await engine.registry.saveModel({ small: true }, { ...metadata, modelId: 'many' })
  await Promise.all(
    Array.from({ length: VERSIONS }, (_, i) =>
      engine.metadata.recordVersion(
        draftOf(many.modelId, parseVersion(`2.0.${i}`), { hyperparameters: { text: 'x'.repeat(ROW_BYTES) } }),
        { files, digest },
      ),
    ),
  )
  await engine.registry.close()

  const place = await folderPlace()
  const peaks = [await run('export', home, place.root)]
  const { rows } = await readManifest(place)
  expect(rows.size).toBeGreaterThan(HEAP_MB * 1024 * 1024)
  const other = await temporaryFolder()
  peaks.push(await run('import', other, place.root))
  console.info(
    `peaks of an export and an import: ${peaks.map((peak) => Math.round(peak / 1e6)).join(' and ')} MB`,
  )
  for (const peak of peaks) expect(peak).toBeLessThan(LIMIT_BYTES)
  expect((await stat(join(other, 'registry.db'))).size).toBeGreaterThan(rows.size)
})
