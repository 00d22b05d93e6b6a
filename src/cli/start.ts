import { enableCompileCache } from 'node:module'
import type { Output } from './terminal.js'

const listened = new Set<Output>()

/** Runs the command line of this process. */
export async function start(): Promise<void> {
  // Node keeps what it compiles in a folder of its own below the temporary one, which saves a third of every start.
  // NODE_DISABLE_COMPILE_CACHE=1 turns it off: https://nodejs.org/api/module.html#module-compile-cache
  enableCompileCache()
  // Node 22 calls node:sqlite and the types of modelry.config.ts experimental, on the standard error of every command.
  for (const print of process.listeners('warning')) {
    process.off('warning', print)
    process.on('warning', (warning) => {
      if (warning.name !== 'ExperimentalWarning') print(warning)
    })
  }

  const cwd = workingFolder()
  if (cwd === undefined) {
    process.stderr.write(
      'The working folder was removed: change to one that is there and run modelry again.\n',
    )
    process.exitCode = 1
    return
  }

  const [{ run }, { Interruption }] = await Promise.all([import('./run.js'), import('./interruption.js')])

  const controller = new AbortController()
  for (const by of ['SIGINT', 'SIGTERM'] as const)
    process.on(by, () => {
      const interruption = new Interruption(by)
      // The first one lets the command take back what it wrote; whoever insists gets out at once.
      if (controller.signal.aborted) process.exit(interruption.exitCode)
      controller.abort(interruption)
      if (process.stderr.isTTY)
        patient(process.stderr).write('\nStopping. Press Ctrl-C again to leave at once.\n')
    })

  // An error outside every promise is a mistake in modelry, and still no reason to print a bare stack.
  process.on('uncaughtException', async (error) => {
    const [{ errorText }, { plain }] = await Promise.all([import('./print-error.js'), import('./paint.js')])
    const debug = process.argv.includes('--debug')
    process.stderr.write(errorText(error, plain, { debug, width: 80, fix: 'modelry fix' }), () =>
      process.exit(1),
    )
  })

  process.exitCode = await run(process.argv.slice(2), {
    // Each stream costs milliseconds to open, and most commands use one.
    get stdin() {
      return process.stdin
    },
    get stdout() {
      return patient(process.stdout)
    },
    get stderr() {
      return patient(process.stderr)
    },
    env: process.env,
    cwd,
    signal: controller.signal,
  })
}

/** undefined when somebody has removed it since. */
function workingFolder(): string | undefined {
  try {
    return process.cwd()
  } catch {
    return undefined
  }
}

/** A reader such as `head` may go away before everything is written; that is its right and no failure. */
function patient(output: Output): Output {
  if (!listened.has(output))
    output.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  listened.add(output)
  return output
}
