import type { RegistryDeps } from './deps.js'
import { sync } from './sync.js'

/** How often a spool that is not empty is tried, since another process may have filled it. */
const EVERY_MS = 30_000

export interface Syncing {
  /** Ends what is under way; it goes on the next time. */
  end(): Promise<void>
}

/**
 * Carries over at once, whenever the store answers again, and every so often, as long as the process runs. What fails
 * stays pending: `health` counts it, and `modelry sync` says why.
 */
export function syncInBackground(deps: RegistryDeps): Syncing {
  const { spool } = deps
  if (spool === undefined) return { end: async () => {} }
  const ended = new AbortController()
  let running: Promise<void> | undefined
  let again = false

  const run = async () => {
    do {
      again = false
      await carryOver(deps, ended.signal).catch(() => {})
    } while (again && !ended.signal.aborted)
    running = undefined
  }
  const wake = () => {
    if (ended.signal.aborted) return
    if (running === undefined) running = run()
    else again = true
  }
  const timer = setInterval(wake, EVERY_MS)
  timer.unref()
  const forget = spool.onBack(wake)
  wake()

  return {
    async end() {
      ended.abort(new DOMException('The registry was closed.', 'AbortError'))
      clearInterval(timer)
      forget()
      await running
    },
  }
}

async function carryOver(deps: RegistryDeps, signal: AbortSignal): Promise<void> {
  if ((await deps.spool?.usage())?.files === 0) return
  for await (const _ of sync(deps, { signal })) signal.throwIfAborted()
}
