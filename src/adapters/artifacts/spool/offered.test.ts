import { describe, expect, it } from 'vitest'
import { readAll } from '../../../ports/testing/contract-bytes.js'
import { Offered } from './offered.js'

const MIB = 1024 ** 2

/** Pieces that are filled with their number, and whether somebody told the source to end. */
function source(pieces: number, pieceBytes: number, failsAt = Number.POSITIVE_INFINITY) {
  const told = { ended: false }
  async function* content() {
    try {
      for (let n = 0; n < pieces; n++) {
        if (n === failsAt) throw new TypeError('the source broke')
        yield new Uint8Array(pieceBytes).fill(n)
      }
    } finally {
      told.ended = true
    }
  }
  return { content: content(), told }
}

async function readSome(content: AsyncIterable<Uint8Array>, pieces: number): Promise<void> {
  for await (const piece of content) {
    // As the pool does with memory that was given back.
    piece.fill(255)
    if (--pieces === 0) return
  }
}

describe('content that is offered to a store', () => {
  it('can be read from its beginning when the store has left it after a little', async () => {
    const { content, told } = source(30, MIB)
    const offered = new Offered(content, 'once')
    await readSome(offered, 8)
    expect(told.ended).toBe(false)
    const bytes = await readAll((await offered.again()) ?? content)
    expect(bytes).toHaveLength(30 * MIB)
    expect(Array.from({ length: 30 }, (_, n) => bytes[n * MIB + 5])).toEqual(
      Array.from({ length: 30 }, (_, n) => n),
    )
    expect(told.ended).toBe(true)
  })

  it('is gone when the store has read more than that', async () => {
    const { content, told } = source(30, MIB)
    const offered = new Offered(content, 'once')
    await readSome(offered, 12)
    expect(await offered.again()).toBeUndefined()
    expect(told.ended).toBe(true)
  })

  it('is gone when its source has failed', async () => {
    const { content } = source(5, 10, 2)
    const offered = new Offered(content, 'once')
    await expect(readAll(offered)).rejects.toThrow('the source broke')
    expect(await offered.again()).toBeUndefined()
  })

  it('has the piece that was on its way when the store left it', async () => {
    const { content } = source(3, 1)
    const offered = new Offered(content, 'once')
    const iterator = offered[Symbol.asyncIterator]()
    void iterator.next()
    await iterator.return?.()
    const again = await offered.again()
    expect([...(await readAll(again ?? content))]).toEqual([0, 1, 2])
  })

  it('is what it was while nobody has read of it', async () => {
    const { content } = source(3, 1)
    expect(await new Offered(content, 'once').again()).toBe(content)
  })

  it('keeps nothing where it can be had anew, and tells its source to end when it is left', async () => {
    const { content, told } = source(3, 1)
    const offered = new Offered(content, 'again')
    await readSome(offered, 1)
    expect(told.ended).toBe(true)
    expect(await offered.again()).toBeUndefined()
  })

  it('tells its source to end when nobody reads it any more', async () => {
    const { content, told } = source(3, 1)
    const offered = new Offered(content, 'once')
    await readSome(offered, 1)
    await offered.leave()
    expect(told.ended).toBe(true)
  })
})
