import { describe, expect, it } from 'vitest'
import { Refusal } from '../refusal.js'
import { DEFAULT_LIMITS, DEFAULT_TRANSFER } from './options.js'
import { MOST_PARTS, planUpload } from './plan.js'

const MIB = 1024 ** 2
const GIB = 1024 * MIB
const TIB = 1024 * GIB
const able = { multipart: true, equalParts: false }
const large = { single: 5 * GIB, multipart: 5 * TIB }

/** How many parts an object has, and the sizes of the parts but the last. */
function cut(size: number, partBytes: (sent: number) => number) {
  let sent = 0
  let parts = 0
  const sizes = new Set<number>()
  while (sent < size) {
    const part = partBytes(sent)
    if (sent + part < size) sizes.add(part)
    sent += part
    parts += 1
  }
  return { parts, sizes }
}

describe('planUpload', () => {
  it('puts what is small in one request, and gathers no more than it', () => {
    const plan = planUpload(1_000, DEFAULT_LIMITS, DEFAULT_TRANSFER, able)
    expect(plan.single).toBe(8 * MIB)
    expect(plan.firstBytes).toBe(1_000)
  })

  it('refuses what is larger than the limit for parts, before anything is sent', () => {
    expect(() => planUpload(5 * GIB + 1, DEFAULT_LIMITS, DEFAULT_TRANSFER, able)).toThrow(Refusal)
    expect(() => planUpload(5 * GIB, DEFAULT_LIMITS, DEFAULT_TRANSFER, able)).not.toThrow()
  })

  it('refuses what is larger than the limit for one request where there are no parts', () => {
    const unable = { multipart: false, equalParts: true }
    expect(() => planUpload(100 * MIB + 1, DEFAULT_LIMITS, DEFAULT_TRANSFER, unable)).toThrow(Refusal)
    expect(planUpload(100 * MIB, DEFAULT_LIMITS, DEFAULT_TRANSFER, unable).single).toBe(100 * MIB)
  })

  it.each([1, 50, 500, 5_000].map((gib) => gib * GIB))('cuts %i known bytes into equal parts', (size) => {
    const { partBytes } = planUpload(size, large, DEFAULT_TRANSFER, { ...able, equalParts: true })
    const { parts, sizes } = cut(size, partBytes)
    expect(parts).toBeLessThanOrEqual(MOST_PARTS)
    expect(sizes.size).toBe(1)
  })

  it('lets parts grow, so that 5 TB of unknown length have room, and none is larger than S3 takes', () => {
    const { partBytes } = planUpload(undefined, large, DEFAULT_TRANSFER, able)
    const { parts, sizes } = cut(5 * TIB, partBytes)
    expect(parts).toBeLessThanOrEqual(MOST_PARTS)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5 * GIB)
    expect(partBytes(1 * GIB)).toBe(8 * MIB)
  })

  it('keeps parts of unknown length equal where the store wants it, with room up to the limit', () => {
    const limits = { single: 5 * GIB, multipart: 200 * GIB }
    const { partBytes } = planUpload(undefined, limits, DEFAULT_TRANSFER, { ...able, equalParts: true })
    const { parts, sizes } = cut(200 * GIB, partBytes)
    expect(parts).toBeLessThanOrEqual(MOST_PARTS)
    expect(sizes.size).toBe(1)
  })
})
