import { nodeBuiltin } from '../domain/node-builtin.js'

/** A SHA-256 (FIPS 180-4) over bytes as they come. */
export interface RunningSha256 {
  update(bytes: Uint8Array): void
  /** Lower-case hexadecimal; ends it. */
  hex(): string
}

/** Node's own where there is Node, several times as fast; plain JavaScript elsewhere, since Web Crypto wants all bytes at once. */
export async function createSha256(): Promise<RunningSha256> {
  const crypto = nodeBuiltin('node:crypto')
  if (crypto !== undefined) {
    const hash = crypto.createHash('sha256')
    return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') }
  }
  const { sha256 } = await import('@noble/hashes/sha2.js')
  const hash = sha256.create()
  return {
    update: (bytes) => void hash.update(bytes),
    hex: () => [...hash.digest()].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
  }
}
