import { describe, expect, it } from 'vitest'
import { fields, table } from './table.js'

const rows = [
  { name: 'a', size: '1 B', address: 's3://models/a/very/long/address/of/a/file.json' },
  { name: 'longer', size: '100 kB', address: 's3://models/b' },
]
const columns = [
  { head: 'NAME', cell: (row: (typeof rows)[number]) => row.name },
  { head: 'SIZE', cell: (row: (typeof rows)[number]) => row.size, align: 'right' as const },
  { head: 'NOTE', cell: () => '' },
  { head: 'ADDRESS', cell: (row: (typeof rows)[number]) => row.address, atLeast: 12 },
]

describe('table', () => {
  it('aligns columns and leaves out those without a value', () => {
    expect(table(columns, rows).split('\n')).toEqual([
      'NAME      SIZE  ADDRESS',
      'a          1 B  s3://models/a/very/long/address/of/a/file.json',
      'longer  100 kB  s3://models/b',
    ])
  })

  it('cuts the columns that may be cut in the middle, to fit the screen', () => {
    const lines = table(columns, rows, 40).split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBe(40)
    expect(lines[1]).toMatch(/s3:\/\/.*….*\.json$/)
  })

  it('cuts no column below what it needs, however narrow the screen', () => {
    expect(table(columns, rows, 10).split('\n')[2]).toBe('longer  100 kB  s3://m…els/b')
  })

  it('shows control characters instead of letting them act', () => {
    expect(table([{ head: 'X', cell: (text: string) => text }], ['a\u001b[2Jb'])).toBe('X\na\\u{1b}[2Jb')
  })
})

describe('fields', () => {
  it('aligns values and leaves out names without one', () => {
    expect(
      fields([
        ['type', 'lstm'],
        ['tags', ''],
        ['accuracy', '0.9'],
        ['note', undefined],
      ]),
    ).toBe('type      lstm\naccuracy  0.9')
  })
})
