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
  refuseAnnounced(request, options)
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
 *
 * @throws ModelValidationError with cause `body-too-large`, or `malformed-request` when the body does not arrive in time.
 * @throws Error when the connection breaks before the end.
 */
export function receiveWhole(
  request: IncomingMessage,
  options: Required<Omit<ReceiveOptions, 'idleMs'>>,
): Promise<Uint8Array[]> {
  return new Promise((resolve, reject) => {
    refuseAnnounced(request, options)
    const pieces: Uint8Array[] = []
    let bytes = 0
    const tooLong = setTimeout(() => request.destroy(slow(options)), options.withinMs)
    const take = (piece: Uint8Array) => {
      bytes += piece.length
      if (bytes <= options.maxBytes) pieces.push(piece)
      else fail(tooLarge(options.maxBytes))
    }
    const stop = () => {
      clearTimeout(tooLong)
      request.off('data', take).off('end', done).off('error', fail).off('close', broken)
    }
    const done = () => {
      stop()
      resolve(pieces)
    }
    const fail = (error: Error) => {
      stop()
      reject(error)
    }
    const broken = () => fail(request.errored ?? new Error('the connection broke before the end of the body'))
    // Neither is told again to whoever asks after it.
    if (request.destroyed && !request.readableEnded) broken()
    else request.on('data', take).on('end', done).on('error', fail).on('close', broken)
  })
}

function refuseAnnounced({ headers }: IncomingMessage, { maxBytes }: ReceiveOptions): void {
  if (Number(headers['content-length']) > maxBytes) throw tooLarge(maxBytes)
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
