import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { REQUEST_ID_HEADER } from '../wire/headers.js'

/** The caller's own id when it can stand in a log line and a header as it is, a new one otherwise. */
export function requestIdOf(request: { readonly headers: IncomingMessage['headers'] }): string {
  const given = request.headers[REQUEST_ID_HEADER]
  return typeof given === 'string' && /^[A-Za-z0-9._:@-]{1,128}$/.test(given) ? given : randomUUID()
}
