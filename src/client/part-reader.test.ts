import { describe, expect, it } from 'vitest'
import { PartReader } from './part-reader.js'

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text)
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe('PartReader', () => {
  it('cuts pieces of any size into parts of one size, the last one shorter', async () => {
    const reader = new PartReader(pieces('ab', 'cdefgh', '', 'i', 'j'))
    const parts: string[] = []
    for (let part = await reader.next(4); part.length > 0; part = await reader.next(4)) parts.push(text(part))
    expect(parts).toEqual(['abcd', 'efgh', 'ij'])
    expect(reader.read).toBe(10)
  })

  it('gives back the part that it took, and all that follows', async () => {
    const reader = new PartReader(pieces('abcdef', 'gh'))
    expect(text(await reader.next(4))).toBe('abcd')
    const all: string[] = []
    for await (const piece of reader.again()) all.push(text(piece))
    expect(all.join('')).toBe('abcdefgh')
  })

  it('lets go of its source when it is closed', async () => {
    let released = false
    const source = (async function* () {
      try {
        yield new Uint8Array(10)
      } finally {
        released = true
      }
    })()
    const reader = new PartReader(source)
    await reader.next(4)
    await reader.close()
    expect(released).toBe(true)
    expect((await reader.next(100)).length).toBe(6)
  })
})
