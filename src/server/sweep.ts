import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Several times what is in flight, and a small part of what a server may hold. */
const EVERY_BYTES = 16 * 1024 * 1024

type Collect = (options: { readonly type: 'minor' | 'major'; readonly flavor?: 'last-resort' }) => void

let sinceLast = 0
let collector: Collect | undefined

/**
 * Takes note of bytes that have passed, and has their buffers freed now and then.
 *
 * V8 frees young objects when there are many of them, and a transfer makes few: 64 KiB of bytes hang on an object of a
 * hundred. So they pile up until a full collection is due, which with a busy processor takes 100 to 200 MB. Collecting
 * the young ones alone takes a millisecond, and keeps a transfer within some 30 MB.
 */
export function bytesPassed(bytes: number): void {
  sinceLast += bytes
  if (sinceLast < EVERY_BYTES) return
  sinceLast = 0
  collect({ type: 'minor' })
}

/**
 * Gives back what the start of a process took: loading a program leaves the young generation as large as it ever gets,
 * some 25 MB that a server at rest has no use for. Takes 50 ms, so call it once, when nothing is asked for yet.
 */
export function settleMemory(): void {
  collect({ type: 'major', flavor: 'last-resort' })
}

function collect(options: Parameters<Collect>[0]): void {
  collector ??= findCollector()
  collector(options)
}

/** The function that `--expose-gc` gives, without asking for the flag at start: https://nodejs.org/api/cli.html#--expose-gc */
function findCollector(): Collect {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  return typeof gc === 'function' ? (options) => void gc({ execution: 'sync', ...options }) : () => {}
}
