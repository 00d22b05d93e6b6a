import { nodeBuiltin } from './node-builtin.js'

/** What one connection has on its way is less than that, and so little of it is still in use when it is looked at. */
const EVERY_BYTES = 8 * 1024 * 1024

let sinceLast = 0
let collector: ((options: object) => void) | undefined

/**
 * Takes note of bytes that have passed, and has their buffers freed now and then. In a browser it does nothing.
 *
 * V8 frees young objects when there are many of them, and a transfer makes few: 64 KiB of bytes hang on an object of a
 * hundred. So they pile up until the bytes themselves make V8 go through all of its heap, which takes 5 to 50 ms for
 * every 32 MB. The buffers of a transfer die young, so that going through the young objects alone frees them, in less
 * than 1 ms. Measured with an upload of 256 MiB: 670 ms of processor time when left alone, 410 ms with this. How far they
 * pile up depends on how soon V8's background threads get a processor: a client that saved 512 MiB peaked between 158 and
 * 217 MB when left alone, between 107 and 137 MB with this.
 */
export function bytesPassed(bytes: number): void {
  sinceLast += bytes
  if (sinceLast < EVERY_BYTES) return
  sinceLast = 0
  collect({ type: 'minor' })
}

/**
 * Gives back what the start of a process took: loading a program leaves the young generation as large as it ever gets,
 * some 25 MB that a server at rest has no use for. Call it once, when nothing is asked for yet.
 */
export function settleMemory(): void {
  collect({ type: 'major', flavor: 'last-resort' })
}

/**
 * V8 puts `gc` into the contexts that are made while its flag is set; the flag is taken back at once, so that no other
 * context has it: https://nodejs.org/api/v8.html#v8setflagsfromstringflags
 */
function collect(options: object): void {
  collector ??= makeCollector()
  collector(options)
}

/** Where it cannot be had, nothing is collected early. */
function makeCollector(): (options: object) => void {
  const nothing = () => {}
  const [v8, vm] = [nodeBuiltin('node:v8'), nodeBuiltin('node:vm')]
  if (v8 === undefined || vm === undefined) return nothing
  v8.setFlagsFromString('--expose-gc')
  try {
    const gc: unknown = vm.runInNewContext('globalThis.gc')
    return typeof gc === 'function' ? (options) => void gc(options) : nothing
  } finally {
    v8.setFlagsFromString('--no-expose-gc')
  }
}
