import type { ByteStream } from './model-source.js'

/** Large enough that a piece costs little, small enough that progress is seen and nothing else waits. */
const PIECE_BYTES = 1024 * 1024

/** Bytes in memory, in pieces. Each is a copy, so that what is hashed is what is stored, whoever writes to `bytes`. */
export async function* piecesOfBytes(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.slice(at, at + PIECE_BYTES)
}

/**
 * The pieces of a web stream, a Node stream or any other async iterable. Each is a copy, since many sources read into
 * the same buffer again and again. When `signal` fires, the stream is told to end, even while it gives nothing.
 *
 * @throws TypeError when the stream gives anything but bytes.
 */
export async function* piecesOfStream(stream: ByteStream, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted()
  const onAbort = () => endStream(stream, signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    for await (const piece of isWebStream(stream) ? piecesOfWebStream(stream, signal) : stream) {
      // A stream that was told to end may end as if it had given everything.
      signal?.throwIfAborted()
      yield asBytes(piece).slice()
    }
    signal?.throwIfAborted()
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

export function isWebStream(value: object): value is ReadableStream<Uint8Array> {
  return 'getReader' in value && typeof value.getReader === 'function'
}

export function isAsyncIterable(value: object): value is AsyncIterable<Uint8Array> {
  return Symbol.asyncIterator in value && typeof value[Symbol.asyncIterator] === 'function'
}

/** Streams that were given as a model: what a generator or a web stream has given, it does not say afterwards. */
const given = new WeakSet<object>()

/** Notes that the stream is to be read; an iterable that makes a new iterator each time may be read again. */
export function takeStream(stream: object): void {
  if (isWebStream(stream) || 'next' in stream || 'pipe' in stream) given.add(stream)
}

/** Why the stream cannot give its bytes any more; undefined when it can. */
export function streamProblem(stream: object): string | undefined {
  if (given.has(stream)) return 'a stream that was given as a model before'
  const is = (property: string) => property in stream && Reflect.get(stream, property) === true
  if (is('locked')) return 'a stream that something else is reading'
  if (is('readableEnded')) return 'a stream that has been read to its end'
  if (is('destroyed')) return 'a stream that has been destroyed'
  const encoding: unknown = 'readableEncoding' in stream ? stream.readableEncoding : null
  return typeof encoding === 'string' ? `a stream that gives text, by setEncoding('${encoding}')` : undefined
}

/** Not by async iteration, which streams of some browsers do not have. */
async function* piecesOfWebStream(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  // The stream is locked by the reader, so only the reader can end it.
  const onAbort = () => void reader.cancel(signal?.reason).catch(() => {})
  signal?.addEventListener('abort', onAbort, { once: true })
  let ended = false
  try {
    for (;;) {
      const { done, value } = await reader.read()
      ended = done
      if (done) return
      yield value
    }
  } catch (error) {
    ended = true
    throw error
  } finally {
    signal?.removeEventListener('abort', onAbort)
    if (!ended) await reader.cancel().catch(() => {})
    reader.releaseLock()
  }
}

function endStream(stream: object, reason: unknown): void {
  if (!('destroy' in stream) || typeof stream.destroy !== 'function') return
  stream.destroy(reason instanceof Error ? reason : new Error('The reading was ended.', { cause: reason }))
}

function asBytes(piece: unknown): Uint8Array {
  const bytes = bytesOf(piece)
  if (bytes !== undefined) return bytes
  const found =
    typeof piece === 'string' ? 'text' : piece === null ? 'null' : `a value of type ${typeof piece}`
  throw new TypeError(
    `The stream gave ${found} where a Uint8Array is needed. Encode text first, as by a TextEncoderStream.`,
  )
}

/** The bytes of a view or a buffer, of any realm; undefined for anything else. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  return isArrayBuffer(value) ? new Uint8Array(value) : undefined
}

function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]'
}
