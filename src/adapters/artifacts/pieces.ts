import type { Bytes } from '../../ports/artifact-store.js'

/** What a source of bytes failed with, set apart from what the store itself fails with. */
export class SourceFailure extends Error {
  override readonly name = 'SourceFailure'
}

/**
 * The pieces of `content`, given up as soon as `stop` fires, even while the source gives nothing.
 *
 * @throws SourceFailure around what the source threw; the reason of `stop` when that fired.
 */
export async function* piecesOf(content: Bytes, stop: AbortSignal): AsyncGenerator<Uint8Array> {
  stop.throwIfAborted()
  const iterator = begin(content)
  let interrupt: (reason: unknown) => void = () => {}
  const onStop = () => interrupt(stop.reason)
  stop.addEventListener('abort', onStop)
  let ended = false
  try {
    for (;;) {
      stop.throwIfAborted()
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        interrupt = reject
        advance(iterator).then(resolve, (error: unknown) => {
          ended = true
          reject(new SourceFailure('The source of the bytes failed.', { cause: error }))
        })
      })
      ended = next.done === true
      if (next.done) return
      yield asBytes(next.value)
    }
  } finally {
    stop.removeEventListener('abort', onStop)
    // Not waited for: a source that gives nothing takes note of it only when it gives something, which may be never.
    if (!ended) void release(iterator)
  }
}

function begin(content: Bytes): AsyncIterator<Uint8Array> {
  try {
    return content[Symbol.asyncIterator]()
  } catch (error) {
    throw new SourceFailure('The source of the bytes failed.', { cause: error })
  }
}

async function advance(iterator: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
  return iterator.next()
}

/** The upload has failed already; what the source says of its own end changes nothing. */
async function release(iterator: AsyncIterator<Uint8Array>): Promise<void> {
  try {
    await iterator.return?.()
  } catch {}
}

/** Streams in text mode and object mode are typed as streams of bytes all too easily. */
function asBytes(piece: unknown): Uint8Array {
  if (piece instanceof Uint8Array) return piece
  // A Uint8Array of another realm, such as a test runner's or an iframe's, is no instance of this one's class.
  if (ArrayBuffer.isView(piece) && Object.prototype.toString.call(piece) === '[object Uint8Array]')
    return new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength)
  throw new SourceFailure('The source of the bytes failed.', {
    cause: new TypeError(`The stream gave a value of type ${typeof piece} where a Uint8Array is needed.`),
  })
}
