import { describe, expect, it } from 'vitest'
import { givePiece, PIECE_BYTES, takePiece } from './piece-pool.js'

describe('piece pool', () => {
  it('gives the memory that was given back', () => {
    const piece = takePiece()
    expect(piece).toHaveLength(PIECE_BYTES)
    expect(givePiece(piece)).toBe(true)
    expect(takePiece().buffer).toBe(piece.buffer)
  })

  it('never gives the same memory to two at once, even when it was given back twice', () => {
    const piece = takePiece()
    expect(givePiece(piece)).toBe(true)
    expect(givePiece(piece)).toBe(false)
    expect(takePiece().buffer).not.toBe(takePiece().buffer)
  })

  it('leaves a piece alone of which it gets a part, since another part may be in use', () => {
    const piece = takePiece()
    expect(givePiece(piece.subarray(0, 10))).toBe(false)
    expect(takePiece().buffer).not.toBe(piece.buffer)
  })

  it('leaves memory alone that is not its own', () => {
    const foreign = new Uint8Array(PIECE_BYTES)
    expect(givePiece(foreign)).toBe(false)
    expect(takePiece().buffer).not.toBe(foreign.buffer)
  })

  it('keeps no more than a few megabytes', () => {
    const pieces = Array.from({ length: 100 }, takePiece)
    for (const piece of pieces) expect(givePiece(piece)).toBe(true)
    const again = new Set(Array.from({ length: 100 }, takePiece).map(({ buffer }) => buffer))
    expect(pieces.filter(({ buffer }) => again.has(buffer))).toHaveLength(32)
  })
})
