import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureDist } from './dist.mjs'
import { inProject } from './project.mjs'
import { runNpm, runTool } from './run.mjs'
import { script } from './script.mjs'
import { Stop } from './stop.mjs'

// Biome colours every letter of what goes to a file or a pipe, unless told.
const colours = process.stdout.isTTY ? [] : ['--colors=off']

// Every check that is not a test of behaviour, each to its end; the last line is `check: N passed, N failed`.
const CHECKS = [
  ['types', () => runTool('typescript', 'tsc', ['--noEmit'])],
  [
    'lint and format (biome)',
    () => runTool('@biomejs/biome', 'biome', ['ci', '--error-on-warnings', ...colours]),
  ],
  ['dead code (knip)', () => runTool('knip', 'knip', [])],
  ['architecture', () => runTool('vitest', 'vitest', ['run', 'src/architecture.test.ts'])],
  ['package (publint, attw)', checkPackage],
]

await script(async () => {
  const results = []
  for (const [name, check] of CHECKS) {
    console.log(`\n--- ${name}`)
    const passed = await passes(check)
    results.push(passed)
    console.log(`${passed ? 'pass' : 'FAIL'}: ${name}`)
  }
  const failed = results.filter((passed) => !passed).length
  console.log(`\ncheck: ${results.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
})

async function passes(check) {
  try {
    return (await check()) === 0
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    console.log(error.message)
    return false
  }
}

/** What npm would publish, looked at by publint and by Are The Types Wrong. */
async function checkPackage() {
  await ensureDist()
  const folder = mkdtempSync(inProject('.cache', 'pack-'))
  try {
    const packed = await runNpm(['pack', '--silent', '--pack-destination', folder])
    if (packed !== 0) return packed
    const tarball = join(folder, readdirSync(folder)[0])
    const linted = await runTool('publint', 'publint', ['run', tarball, '--strict'])
    // node10 is the resolution of Node versions that package.json's engines exclude.
    const typed = await runTool('@arethetypeswrong/cli', 'attw', [
      tarball,
      '--profile',
      'node16',
      '--no-emoji',
    ])
    return linted || typed
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
