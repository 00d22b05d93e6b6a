import { nodeBuiltin } from '../domain/node-builtin.js'

/** A CRC-32 (IEEE 802.3, as zlib has it) in base64 with its four bytes in network order, as S3 takes it. */
export function crc32(bytes: Uint8Array): string {
  const crc = nodeBuiltin('node:zlib')?.crc32(bytes) ?? computed(bytes)
  return btoa(String.fromCharCode(crc >>> 24, (crc >>> 16) & 255, (crc >>> 8) & 255, crc & 255))
}

let table: Uint32Array | undefined

/** A byte at a time, by the table of all remainders: what browsers have is JavaScript. */
export function computed(bytes: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1
    return rest
  })
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 255] ?? 0)
  return (crc ^ 0xffffffff) >>> 0
}
