import type { IncomingMessage } from 'node:http'
import { bytesPassed } from '../domain/sweep.js'
import { bodyTooLarge, malformedRequest } from '../errors/causes/http.js'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'

export interface ReceiveOptions {
  readonly maxBytes: number
  /** The longest silence between two pieces, in milliseconds. */
  readonly idleMs?: number
  /** The longest time for all of it, in milliseconds. */
  readonly withinMs?: number
}

/**
 * The body of a request, piece by piece, counted. Node enforces a Content-Length; nobody but us enforces a limit.
 *
 * The connection stays open when the reader stops early, so that an answer can still be sent.
 *
 * @throws ModelValidationError with cause `body-too-large`, or `malformed-request` when the body does not arrive in time.
 * @throws Error when the connection breaks before the end.
 */
export async function* receive(
  request: IncomingMessage,
  options: ReceiveOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const announced = Number(request.headers['content-length'])
  if (announced > options.maxBytes) throw tooLarge(options.maxBytes)
  let waiting = true
  const tooSlow = () => {
    // Silence counts only while we wait: a slow disk is not the sender's fault.
    if (waiting) request.destroy(slow(options))
  }
  const total = options.withinMs === undefined ? undefined : setTimeout(tooSlow, options.withinMs)
  const idle = options.idleMs === undefined ? undefined : setTimeout(tooSlow, options.idleMs)
  let bytes = 0
  try {
    for await (const piece of request.iterator({ destroyOnReturn: false })) {
      waiting = false
      bytes += piece.length
      if (bytes > options.maxBytes) throw tooLarge(options.maxBytes)
      yield piece
      bytesPassed(piece.length)
      waiting = true
      idle?.refresh()
    }
  } finally {
    clearTimeout(total)
    clearTimeout(idle)
  }
}

/**
 * The body of a request that is to be held as a whole, under the same rules. A body that is here already, as most are,
 * would take longer to be handed over by an iterator than to be read.
 */
export function receiveWhole(
  request: IncomingMessage,
  { maxBytes, withinMs }: { readonly maxBytes: number; readonly withinMs: number },
): Promise<Uint8Array[]> {
  return new Promise((resolve, reject) => {
    const announced = Number(request.headers['content-length'])
    if (announced > maxBytes) return reject(tooLarge(maxBytes))
    const pieces: Uint8Array[] = []
    let bytes = 0
    const tooLong = setTimeout(() => request.destroy(slow({ withinMs, maxBytes })), withinMs)
    const take = (piece: Uint8Array) => {
      bytes += piece.length
      if (bytes <= maxBytes) pieces.push(piece)
      else fail(tooLarge(maxBytes))
    }
    const stop = () => {
      clearTimeout(tooLong)
      request.off('data', take).off('end', done).off('error', fail)
    }
    const done = () => {
      stop()
      resolve(pieces)
    }
    const fail = (error: Error) => {
      stop()
      reject(error)
    }
    // Whoever goes away in the middle is told of by `error` too, since there is a listener for it.
    request.on('data', take).on('end', done).on('error', fail)
  })
}

export function tooLarge(maxBytes: number): ModelValidationError {
  const allowed = `at most ${maxBytes} bytes`
  return new ModelValidationError(
    {
      operation: 'The request',
      expected: maxBytes,
      validationErrors: [
        { path: '', found: 'more', allowed, message: `the body has more than ${maxBytes} bytes` },
      ],
    },
    { reason: bodyTooLarge },
  )
}

function slow({ idleMs, withinMs }: ReceiveOptions): ModelValidationError {
  const allowed = idleMs === undefined ? `the whole body within ${withinMs} ms` : `no silence of ${idleMs} ms`
  return new ModelValidationError(
    {
      operation: 'The request',
      validationErrors: [
        { path: '', found: 'a body that does not arrive', allowed, message: `the body arrives too slowly` },
      ],
    },
    { reason: malformedRequest },
  )
}
