import type { IncomingMessage } from 'node:http'

/** Enough for what is in flight between two machines; a sender that goes on for longer does not listen. */
const AT_MOST_BYTES = 64 * 1024 * 1024
const AT_MOST_MS = 10_000

/**
 * Reads on after an answer that came before the end of the body, so that the sender gets to see it: closing at once
 * would reset the connection and throw the answer away (RFC 9112, section 9.6).
 */
export function linger(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return
  let left = AT_MOST_BYTES
  const timer = setTimeout(() => request.socket.destroy(), AT_MOST_MS)
  timer.unref()
  const stop = () => clearTimeout(timer)
  request.on('data', (piece: Uint8Array) => {
    left -= piece.length
    if (left < 0) request.socket.destroy()
  })
  request.once('end', stop)
  request.once('close', stop)
  request.once('error', stop)
  request.resume()
}
