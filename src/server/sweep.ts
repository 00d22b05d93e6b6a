import type { Session } from 'node:inspector'

/** A small part of what a server may hold, and so much that collecting takes a small part of the time. */
const EVERY_BYTES = 512 * 1024 * 1024

let sinceLast = 0
let collecting = false
let session: Promise<Session | undefined> | undefined

/**
 * Takes note of bytes that have passed, and has their buffers freed now and then.
 *
 * V8 frees young objects when there are many of them, and a transfer makes few: 64 KiB of bytes hang on an object of a
 * hundred. So they pile up until a full collection is due. Measured with a file of 2 GiB there and back, a server takes
 * 180 to 190 MB when left alone, close to the 200 MB that it may take and above them where the processor is busy, 163 MB
 * with this and 120 MB with a collection every 64 MiB. Each takes 50 ms, as long as 20 MB of transfer, so that they are
 * far apart.
 */
export function bytesPassed(bytes: number): void {
  sinceLast += bytes
  if (sinceLast < EVERY_BYTES) return
  sinceLast = 0
  void collect()
}

/**
 * Gives back what the start of a process took: loading a program leaves the young generation as large as it ever gets,
 * some 25 MB that a server at rest has no use for. Call it once, when nothing is asked for yet.
 */
export function settleMemory(): void {
  void collect()
}

/**
 * As the memory tools of Chrome do it, since `--expose-gc` would have to be set before V8 starts:
 * https://chromedevtools.github.io/devtools-protocol/v8/HeapProfiler/#method-collectGarbage
 */
async function collect(): Promise<void> {
  if (collecting) return
  collecting = true
  session ??= openSession()
  const opened = await session
  if (opened === undefined) return
  opened.post('HeapProfiler.collectGarbage', () => {
    collecting = false
  })
}

/** undefined where Node was built without its inspector: then nothing is collected early. */
async function openSession(): Promise<Session | undefined> {
  try {
    const inspector = await import('node:inspector')
    const opened = new inspector.Session()
    opened.connect()
    return opened
  } catch {
    return undefined
  }
}
