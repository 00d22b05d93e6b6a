import { describe, expect, it } from 'vitest'
import { bytes, patterned, readAll, sha256Of } from '../../../ports/testing/contract-bytes.js'
import { readAhead } from './read-ahead.js'

const MIB = 1024 ** 2

/** A clock by which every piece takes so long. */
const clock = (ms: number) => {
  let at = 0
  return () => {
    at += ms
    return at
  }
}
const pieces = async function* (content: Uint8Array) {
  for (let at = 0; at < content.length; at += MIB) yield content.subarray(at, at + MIB)
}

describe('readAhead', () => {
  it('stays with one request that is fast', async () => {
    const content = patterned(40 * MIB + 7)
    const asked: number[] = []
    const read = readAhead(
      content.length,
      async ({ start, end }) => {
        asked.push(start, end)
        return pieces(content.subarray(start, end))
      },
      clock(1),
    )
    expect(sha256Of(await readAll(read))).toBe(sha256Of(content))
    expect(asked).toEqual([0, content.length])
  })

  it('fetches several ranges at once after a slow beginning, and gives the bytes in order', async () => {
    const content = patterned(43 * MIB + 7)
    const asked: number[] = []
    const read = readAhead(
      content.length,
      async ({ start, end }) => {
        asked.push(start / MIB)
        // The first range comes last.
        if (asked.length === 2) await new Promise((resolve) => setImmediate(resolve))
        return pieces(content.subarray(start, end))
      },
      clock(50),
    )
    expect(sha256Of(await readAll(read))).toBe(sha256Of(content))
    expect(asked).toEqual([0, 8, 16, 24, 32, 40])
  })

  it('fetches no more than four ranges before they are taken', async () => {
    let open = 0
    const read = readAhead(
      200 * MIB,
      async ({ start, end }) => {
        open += 1
        return pieces(new Uint8Array(end - start))
      },
      clock(50),
    )
    for (let n = 0; n < 9; n++) await read.next()
    expect(open).toBeLessThanOrEqual(6)
    await read.return()
  })

  it('ends the other ranges when one fails', async () => {
    const ended: (AbortSignal | undefined)[] = []
    const read = readAhead(
      80 * MIB,
      async ({ start, end }, signal) => {
        ended.push(signal)
        if (start > 8 * MIB) throw new Error('the third range is gone')
        return start === 0 ? pieces(new Uint8Array(end)) : bytes(new Uint8Array(end - start))
      },
      clock(50),
    )
    await expect(readAll(read)).rejects.toThrow('the third range is gone')
    expect(ended.slice(1).every((signal) => signal?.aborted)).toBe(true)
  })
})
