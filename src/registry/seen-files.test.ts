import { describe, expect, it } from 'vitest'
import { parseS3Address } from '../domain/s3-address.js'
import { SeenFiles } from './seen-files.js'

const file = (key: string, size = 1) => ({ address: parseS3Address(`s3://models/${key}`), size })

describe('SeenFiles', () => {
  it('knows a file by its address and its size, until it is forgotten', () => {
    const seen = new SeenFiles()
    expect(seen.has(file('a'))).toBe(false)
    seen.add(file('a'))
    expect([seen.has(file('a')), seen.has(file('a', 2)), seen.has(file('b'))]).toEqual([true, false, false])
    seen.forget(file('a'))
    expect(seen.has(file('a'))).toBe(false)
  })

  it('asks anew after ten minutes', () => {
    let now = 0
    const seen = new SeenFiles(() => now)
    seen.add(file('a'))
    now = 599_999
    expect(seen.has(file('a'))).toBe(true)
    now = 600_000
    expect(seen.has(file('a'))).toBe(false)
  })

  it('keeps the 10,000 that were seen last', () => {
    const seen = new SeenFiles()
    for (let i = 0; i < 10_001; i++) seen.add(file(`k${i}`))
    expect([seen.has(file('k0')), seen.has(file('k1')), seen.has(file('k10000'))]).toEqual([
      false,
      true,
      true,
    ])
  })
})
