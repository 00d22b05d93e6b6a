import { describe, expect, it } from 'vitest'
import { editDistance, meantSetting, nearest } from './nearest.js'

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

  it('takes a setting for the one whose name has it in it, or the other way round', () => {
    expect(meantSetting('pathStyle', ['region', 'forcePathStyle'])).toBe('forcePathStyle')
    expect(meantSetting('pool_size', ['schema', 'pool'])).toBe('pool')
    expect(meantSetting('regoin', ['endpoint', 'region'])).toBe('region')
    expect(meantSetting('zebra', ['region', 'pool'])).toBeUndefined()
    expect(meantSetting('', ['region'])).toBeUndefined()
  })
})
