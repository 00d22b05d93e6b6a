import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { inScratchFolder } from '../support/scratch.ts'

const root = new URL('../../', import.meta.url)

/** Bytes of what a page loads for the catalog, the diagnosis and the search: one module, minified and gzipped. */
export async function bundledSize(): Promise<number> {
  let size = Number.NaN
  await inScratchFolder(async (folder) => {
    const bundle = join(folder, 'bundle.js')
    const [entry, rolldown] = ['dist/diagnosis/index.js', 'node_modules/rolldown/bin/cli.mjs'].map((path) =>
      fileURLToPath(new URL(path, root)),
    )
    await promisify(execFile)(process.execPath, [
      `${rolldown}`,
      `${entry}`,
      '--minify',
      '--platform',
      'browser',
      '--file',
      bundle,
    ])
    size = gzipSync(await readFile(bundle)).length
  })
  return size
}
