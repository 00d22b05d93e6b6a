import type { ByteRange, Bytes } from '../../../ports/artifact-store.js'

const MIB = 1024 ** 2

/** So many ranges are fetched at once while one more is read: there are five of them in memory. */
const RANGE_BYTES = 8 * MIB
const PARALLEL = 4

/** A shorter object comes as fast by one request. */
export const WORTH_RANGES = 4 * RANGE_BYTES

/**
 * One connection of S3 gives about 90 MB/s; a reader that hashes and writes to a disk takes several times that. A
 * connection that is faster than this is left alone, since several would only share the machine's time.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-design-patterns.html
 */
const SLOW_BYTES_PER_MS = 200_000

type OpenRange = (range: Required<ByteRange>, ended?: AbortSignal) => Promise<Bytes>

/**
 * The bytes of an object of `size` in order, for a reader that takes them as fast as they come: by one request, and by
 * several ranges at once where that one turns out to be what the reader waits for.
 *
 * @param open - asks for a range; its bytes end with an error when they are not all there, and once `ended` is aborted.
 * @param now - milliseconds of a clock.
 */
export async function* readAhead(
  size: number,
  open: OpenRange,
  now: () => number = () => performance.now(),
): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = (await open({ start: 0, end: size }))[Symbol.asyncIterator]()
  let at = 0
  let waitedMs = 0
  try {
    while (at < RANGE_BYTES || waitedMs * SLOW_BYTES_PER_MS <= at) {
      const asked = now()
      const { done, value } = await pieces.next()
      waitedMs += now() - asked
      if (done === true) return
      at += value.length
      yield value
    }
  } finally {
    await pieces.return?.()
  }
  yield* severalRanges(at, size, open)
}

async function* severalRanges(
  start: number,
  size: number,
  open: OpenRange,
): AsyncGenerator<Uint8Array, void, undefined> {
  const ended = new AbortController()
  const coming: Promise<Uint8Array[]>[] = []
  let next = start
  const fetchNext = () => {
    if (next >= size) return
    const range = { start: next, end: Math.min(size, next + RANGE_BYTES) }
    next = range.end
    const pieces = allOf(open(range, ended.signal))
    // The reader hears of it when it comes to this range.
    pieces.catch(() => {})
    coming.push(pieces)
  }
  try {
    for (let n = 0; n < PARALLEL; n++) fetchNext()
    for (let range = coming.shift(); range !== undefined; range = coming.shift()) {
      const pieces = await range
      fetchNext()
      yield* pieces
    }
  } finally {
    ended.abort()
    await Promise.allSettled(coming)
  }
}

async function allOf(opened: Promise<Bytes>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = []
  for await (const piece of await opened) pieces.push(piece)
  return pieces
}
