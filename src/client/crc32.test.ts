import { crc32 as nodeCrc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { computed, crc32 } from './crc32.js'

describe('crc32', () => {
  it('is the check value of the algorithm, in the form that S3 takes', () => {
    // The catalogue of parametrised CRC algorithms gives 0xcbf43926 for "123456789" (CRC-32/ISO-HDLC).
    const bytes = new TextEncoder().encode('123456789')
    expect(computed(bytes)).toBe(0xcbf43926)
    expect(crc32(bytes)).toBe(Buffer.from('cbf43926', 'hex').toString('base64'))
  })

  it('is the same where it is computed in JavaScript, as in browsers', () => {
    const bytes = Uint8Array.from({ length: 10_000 }, (_, at) => (at * 31) % 251)
    expect(computed(bytes)).toBe(nodeCrc32(bytes))
    expect(computed(new Uint8Array())).toBe(0)
  })
})
