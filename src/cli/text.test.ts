import { describe, expect, it } from 'vitest'
import { shortened, size, time, wrapped } from './text.js'

describe('size', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [99_949, '99.9 kB'],
    [100_000, '100 kB'],
    [999_600, '1.0 MB'],
    [2 * 1024 ** 3, '2.1 GB'],
  ])('of %i bytes is %s', (bytes, text) => {
    expect(size(bytes)).toBe(text)
  })
})

describe('time', () => {
  it('is shown to the second', () => {
    expect(time('2026-01-31T12:00:00.123Z')).toBe('2026-01-31T12:00:00Z')
  })
})

describe('wrapped', () => {
  it('breaks at spaces and indents the first line and the others', () => {
    expect(wrapped('one two three four', 10, '1. ', '   ')).toBe('1. one two\n   three\n   four')
  })
  it('leaves a word that is too long whole', () => {
    expect(wrapped('a s3://bucket/key b', 8)).toBe('a\ns3://bucket/key\nb')
  })
})

describe('shortened', () => {
  it('keeps the start and the end', () => {
    expect(shortened('abcdefghij', 5)).toBe('ab…ij')
    expect(shortened('abc', 5)).toBe('abc')
  })
})
