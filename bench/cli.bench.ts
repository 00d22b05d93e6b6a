import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cliMain } from './support/dist.ts'
import { type Row, report } from './support/report.ts'
import { inScratchFolder } from './support/scratch.ts'
import { inTurns, median } from './support/statistics.ts'

const STARTS = 15

/** What a user's shell may have set would point the command at another registry. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^MODELRY_/.test(name)))
const uncached = { ...env, NODE_DISABLE_COMPILE_CACHE: '1' }

await inScratchFolder(async (folder) => {
  const weights = join(folder, 'weights.bin')
  writeFileSync(weights, 'weights')
  const shape = ['--type', 'lstm', '--input-shape', '60,5', '--output-shape', '1']
  const name = ['--id', 'btc-lstm', '--version', '1.0.0']
  run(folder, [cliMain, 'save', weights, ...name, ...shape])

  const help = [cliMain, '--help']
  const get = [cliMain, 'get', 'btc-lstm@1.0.0']
  const ms = await inTurns(
    {
      bare: async () => run(folder, ['-e', '0']),
      help: async () => run(folder, help),
      get: async () => run(folder, get),
      helpUncached: async () => run(folder, help, uncached),
      getUncached: async () => run(folder, get, uncached),
    },
    STARTS,
  )
  report('start of the command line', [
    { case: 'node -e 0', unit: 'ms', value: median(ms.bare) },
    beyond('modelry --help', ms.help, ms.bare, 60),
    beyond('modelry get', ms.get, ms.bare, 120),
    beyond('modelry --help, nothing compiled before', ms.helpUncached, ms.bare),
    beyond('modelry get, nothing compiled before', ms.getUncached, ms.bare),
  ])
})

/** From the start of the process to its end. @returns milliseconds. */
function run(cwd: string, args: readonly string[], environment: NodeJS.ProcessEnv = env): number {
  const started = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, env: environment, encoding: 'utf8' })
  const ms = performance.now() - started
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}:\n${stderr}`)
  return ms
}

/** The median of what each start took longer than the bare one of its round. */
function beyond(title: string, ms: readonly number[], bare: readonly number[], target?: number): Row {
  const value = median(ms.map((taken, round) => taken - (bare[round] ?? Number.NaN)))
  const row = { case: `${title}, beyond node -e 0`, unit: 'ms', value }
  return target === undefined ? row : { ...row, target, ok: value <= target }
}
