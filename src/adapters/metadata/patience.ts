import { setTimeout as delay } from 'node:timers/promises'

const FIRST_PAUSE_MS = 1
const LONGEST_PAUSE_MS = 25

/**
 * Tries `attempt` until it does not fail for a reason that passes, or patience ends. It waits between attempts without
 * holding up the process, and for a random time, so that many who wait do not move in step.
 */
export async function withPatience<T>(
  attempt: () => Promise<T> | T,
  passes: (error: unknown) => boolean,
  patienceMs: number,
): Promise<T> {
  const started = performance.now()
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await attempt()
    } catch (error) {
      if (!passes(error) || performance.now() - started >= patienceMs) throw error
    }
    await delay(pause * (0.5 + Math.random()))
  }
}
