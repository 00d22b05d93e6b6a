import type { FastifyRequest } from 'fastify'
import { originOf } from './loopback.js'

/** A Host header that is a name or address with an optional port, and nothing that could break a page or a link. */
const HOST = /^(?:[A-Za-z0-9.-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/

/** The address under which the caller reached this server, for links in answers. */
export function baseUrl(request: FastifyRequest, publicUrl: string | undefined): string {
  if (publicUrl !== undefined) return publicUrl
  const { host } = request.headers
  if (host !== undefined && HOST.test(host)) return `http://${host}`
  const { localAddress = '127.0.0.1', localPort = 80 } = request.raw.socket
  return originOf(localAddress, localPort)
}
