import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

export interface StartedProcess {
  /** The last of what it wrote, for the message when it does not become ready. */
  output(): string
  /** Ends it and waits until it has ended. */
  stop(): Promise<void>
}

/**
 * Starts a program and waits until `ready` no longer throws. Its whole output is kept from the terminal.
 *
 * @throws Error with its output when it ends before, or is not ready within 30 s.
 */
export async function startProcess(
  program: string,
  args: readonly string[],
  ready: () => Promise<void>,
): Promise<StartedProcess> {
  const child = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4_000)
    })
  }
  child.on('error', (error) => {
    output += error.message
  })
  const started = { output: () => output, stop: () => stopChild(child) }
  try {
    await becomeReady(child, ready)
    return started
  } catch (error) {
    await started.stop()
    throw new Error(`${program} did not start: ${output.trim().slice(-1_000)}`, { cause: error })
  }
}

async function becomeReady(child: ChildProcess, ready: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + 30_000
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
      throw new Error('it ended before it was ready')
    try {
      return await ready()
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const force = setTimeout(() => child.kill('SIGKILL'), 8_000)
  await ended
  clearTimeout(force)
}
