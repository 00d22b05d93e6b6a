import { randomUUID } from 'node:crypto'

/**
 * A UUID of version 7: the milliseconds since 1970 and 74 random bits. Those that are made one after the other lie next to
 * each other in an index, where random ones take a page each. https://www.rfc-editor.org/rfc/rfc9562#section-5.7
 */
export function newId(now: number = Date.now()): string {
  const time = now.toString(16).padStart(12, '0')
  // The rest of a random UUID, whose variant is the same: Node keeps random bytes ready for those.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}
