import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** The built command line. */
const main = join(import.meta.dirname, '../../dist/cli/main.js')

export interface Exit {
  /** null where a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  /** What it has written so far. */
  readonly stdout: () => string
  readonly exit: Promise<Exit>
}

/** Runs the command line as a process of its own, which ends at the latest with the one that runs the tests. */
export function startModelry(
  args: readonly string[],
  options: SpawnOptions & { node?: readonly string[] } = {},
): Running {
  const { node = [], env, ...rest } = options
  return start(process.execPath, [...node, main, ...args], { ...rest, env: cleanEnvironment(env) })
}

export function modelry(
  args: readonly string[],
  options: SpawnOptions & { node?: readonly string[] } = {},
): Promise<Exit> {
  const { child, exit } = startModelry(args, options)
  child.stdin?.end()
  return exit
}

/** A shell's command line in which `modelry` is the built one. */
export function inShell(
  line: string,
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Exit> {
  const script = `set -o pipefail; modelry() { "${process.execPath}" "${main}" "$@"; }; ${line}`
  return start('bash', ['-c', script], { cwd, env: cleanEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] })
    .exit
}

function start(command: string, args: readonly string[], options: SpawnOptions): Running {
  const child = spawn(command, args, { stdio: 'pipe', ...options })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => {
    const chunks: Buffer[] = []
    stream?.on('data', (chunk: Buffer) => chunks.push(chunk))
    return () => Buffer.concat(chunks).toString('utf8')
  })
  const [outText = () => '', errText = () => ''] = [stdout, stderr]
  const exit = once(child, 'close').then(([code]) => {
    process.off('exit', kill)
    return { code, stdout: outText(), stderr: errText() }
  })
  return { child, stdout: outText, exit }
}

/** Without the settings of whoever runs the tests, and with a name of its own in the history. */
function cleanEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(MODELRY_|NO_COLOR|FORCE_COLOR|NODE_OPTIONS)/.test(name),
  )
  return { ...Object.fromEntries(kept), MODELRY_ACTOR: 'tester', ...more }
}
