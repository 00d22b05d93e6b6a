import { isIP } from 'node:net'

/** Whether an address or name to listen on can be reached from this machine alone: 127.0.0.0/8, ::1, localhost. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  if (name === 'localhost' || name === '::1') return true
  return isIP(name) === 4 && name.startsWith('127.')
}

/** The name in a Host header (RFC 9110, section 7.2), without its port. */
function hostName(header: string): string {
  return /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/.exec(header)?.[1] ?? header
}

let last = { header: '', isLoopback: false }

/** Whether a Host header names this machine. Most callers say the same one again: the last answer is kept. */
export function isLoopbackHost(header: string): boolean {
  if (header !== last.header) last = { header, isLoopback: isLoopback(hostName(header)) }
  return last.isLoopback
}

/** How a host and a port are written in an address. */
export function originOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
