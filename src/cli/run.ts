import { CommanderError } from 'commander'
import type { Answer } from './command.js'
import { interruptedCode, isInterruption } from './interruption.js'
import { paintFor, plain } from './paint.js'
import { createProgram, pathOf } from './program.js'
import { type GlobalOptions, nextCommand, onSameStores, type Places, Session } from './session.js'
import { type Terminal, widthOf, write } from './terminal.js'
import { UsageError } from './usage-error.js'

/**
 * Runs one command line.
 *
 * @param argv - without the program's own name.
 * @returns the exit code: 0 done, 1 an error of the registry or nothing found, 2 wrong usage, 130
 * interrupted, 143 told to end.
 */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode = 0
  let name = ''
  let places: Places = {}
  const program = createProgram(terminal, async (command, global, args, options) => {
    places = global
    exitCode = await inSession(terminal, global, name, (session) => command.run(session, args, options))
  })
  program.hook('preAction', (_program, command) => {
    name = pathOf(command).slice('modelry '.length)
  })
  try {
    await program.parseAsync(helpLast(argv), { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    const json = hasFlag(argv, '--json')
    if (error instanceof UsageError || error instanceof CommanderError) {
      await printUsage(terminal, error, { json })
      return 2
    }
    const interrupted = interruptedCode(error, terminal.signal)
    if (interrupted !== undefined && isInterruption(error, terminal.signal)) return interrupted
    await printFailure(terminal, error, {
      json,
      color: !hasFlag(argv, '--no-color'),
      debug: hasFlag(argv, '--debug'),
      places,
    })
    return interrupted ?? 1
  }
}

/** The answer is printed when the stores are closed, so that a failure to close is not followed by a success. */
async function inSession(
  terminal: Terminal,
  global: GlobalOptions,
  name: string,
  work: (session: Session) => Promise<Answer | undefined>,
): Promise<number> {
  const session = new Session(terminal, global)
  let answer: Answer | undefined
  try {
    answer = await work(session)
    if (answer?.failure !== undefined) await keepFailure(session, name, answer.failure)
  } catch (error) {
    if (!isInterruption(error, terminal.signal)) await keepFailure(session, name, error)
    throw error
  } finally {
    await session.close()
  }
  if (answer === undefined) return 0
  const { stdout, env } = terminal
  if (global.json) await write(stdout, `${JSON.stringify(answer.json, null, 2)}\n`)
  else await write(stdout, `${answer.text(paintFor(stdout, env, global), { width: widthOf(stdout) })}\n`)
  if (answer.failure !== undefined && !global.json)
    await printFailure(terminal, answer.failure, { ...global, places: global })
  return answer.exitCode ?? 0
}

/** For `modelry fix`. Most commands do not fail, and need nothing of it. */
async function keepFailure(session: Session, name: string, error: unknown): Promise<void> {
  if (error instanceof UsageError) return
  const { keepLastFailure } = await import('./last-failure.js')
  await keepLastFailure(session, name, error)
}

async function printUsage(
  terminal: Terminal,
  error: Error,
  { json }: { readonly json: boolean },
): Promise<void> {
  const [{ usageSentences }, { wrapped }] = await Promise.all([
    import('./usage-sentences.js'),
    import('./text.js'),
  ])
  const message = usageSentences(error)
  if (json) await write(terminal.stdout, `${JSON.stringify({ name: 'UsageError', message }, null, 2)}\n`)
  else await write(terminal.stderr, `${wrapped(message, widthOf(terminal.stderr) ?? 80)}\n`)
}

async function printFailure(
  terminal: Terminal,
  error: unknown,
  options: {
    readonly json: boolean
    readonly color: boolean
    readonly debug: boolean
    readonly places: Places
  },
): Promise<void> {
  const { errorJson, errorText } = await import('./print-error.js')
  const { stdout, stderr, env } = terminal
  if (options.json) {
    await write(stdout, `${JSON.stringify(errorJson(error, options), null, 2)}\n`)
    if (!options.debug) return
  }
  const paint = options.json ? plain : paintFor(stderr, env, options)
  await write(
    stderr,
    errorText(error, paint, {
      ...options,
      width: widthOf(stderr) ?? 80,
      onSameStores: (command) => onSameStores(options.places, command),
      // What failed in a server is repaired where it runs.
      fix: (options.places.server ?? env.MODELRY_SERVER) ? undefined : nextCommand(options.places, 'fix'),
    }),
  )
}

/** `modelry help save` is `modelry save --help`. */
function helpLast(argv: readonly string[]): string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv]
}

/** For when the command line could not be read to its end. */
function hasFlag(argv: readonly string[], flag: string): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end < 0 ? undefined : end).includes(flag)
}
