import { randomBytes } from 'node:crypto'

/**
 * A UUID of version 7: the milliseconds since 1970 and 74 random bits. Those that are made one after the other lie next to
 * each other in an index, where random ones take a page each. https://www.rfc-editor.org/rfc/rfc9562#section-5.7
 */
export function newId(now: number = Date.now()): string {
  const random = randomBytes(10)
  // The version in the upper half of its byte, the variant in the upper two bits.
  random.writeUInt8(0x70 | (random.readUInt8(0) & 0x0f), 0)
  random.writeUInt8(0x80 | (random.readUInt8(2) & 0x3f), 2)
  const hex = now.toString(16).padStart(12, '0') + random.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
