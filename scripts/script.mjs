import { bootstrap } from './bootstrap.mjs'
import { say } from './project.mjs'
import { Stop } from './stop.mjs'

/**
 * Runs one of the project's scripts: makes the machine ready, then does `work(arguments)`, whose answer is the
 * exit code. A failure ends in a sentence and exit code 1; its stack is shown where DEBUG_SCRIPTS is set.
 */
export async function script(work) {
  try {
    process.exitCode = (await bootstrap()) ?? (await work(process.argv.slice(2)))
  } catch (error) {
    if (process.env.DEBUG_SCRIPTS) say(error.stack)
    else say(error instanceof Stop ? error.message : unexplained(error))
    process.exitCode = 1
  }
}

const unexplained = (error) =>
  `The script stopped: ${error.message}. Set DEBUG_SCRIPTS=1 and run it again to see where.`
