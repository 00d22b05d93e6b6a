import { describe, expect, it } from 'vitest'
import { duration, exactRef, readRef, splitRef } from './options.js'
import { UsageError } from './usage-error.js'

describe('a reference', () => {
  it('is split at its last @', () => {
    expect(splitRef('team/btc@1.0.0')).toEqual({ id: 'team/btc', version: '1.0.0' })
    expect(splitRef('a@b@champion')).toEqual({ id: 'a@b', version: 'champion' })
  })

  it('means latest without a version where something is read', () => {
    expect(readRef('btc')).toEqual({ id: 'btc', version: 'latest' })
    expect(readRef('btc@1.0.0')).toEqual({ id: 'btc', version: '1.0.0' })
  })

  it('needs a version where something is changed', () => {
    expect(() => exactRef('btc', 'archive')).toThrow(UsageError)
    expect(() => exactRef('btc@', 'archive')).toThrow('modelry archive btc@<version>')
  })
})

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
  ])('%s is %i ms', (text, ms) => {
    expect(duration(text)).toBe(ms)
  })

  it.each(['10', 's', '-1s', '1w', '10 s'])('%s is refused', (text) => {
    expect(() => duration(text)).toThrow('such as 10s')
  })
})
