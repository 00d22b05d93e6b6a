import { describe, expect, it } from 'vitest'
import { editDistance, nearest } from './nearest.js'

describe('nearest', () => {
  it('counts a swap of neighbours as one edit', () => {
    expect(editDistance('champoin', 'champion')).toBe(1)
    expect(editDistance('kitten', 'sitting')).toBe(3)
    expect(editDistance('', 'abc')).toBe(3)
  })

  it('gives the nearest words first, at most three, and none that is far off', () => {
    expect(nearest('prodution', ['staging', 'productions', 'production'])).toEqual([
      'production',
      'productions',
    ])
    expect(nearest('1.0.1', ['1.0.0', '1.1.1', '1.0.2', '1.0.3'])).toHaveLength(3)
    expect(nearest('zebra', ['staging', 'production'])).toEqual([])
  })
})
