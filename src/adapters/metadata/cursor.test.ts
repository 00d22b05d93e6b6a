import { expect, it } from 'vitest'
import { pageOf, readCursor } from './cursor.js'

const listing = ['models', 'newest', undefined, 'stage=prod']
const rows = [{ id: 9 }, { id: 7 }, { id: 4 }]
const page = (limit: number) =>
  pageOf(
    rows,
    limit,
    listing,
    ({ id }) => [id],
    ({ id }) => id,
  )

it('starts the next page after the last row of this one', () => {
  const { nextCursor } = page(2)
  expect([...page(2)]).toEqual([9, 7])
  expect(readCursor(nextCursor, listing, [0])).toEqual([7])
  expect(page(3).nextCursor).toBeUndefined()
})

it('starts at the start without one', () => {
  expect(readCursor(undefined, listing, ['~', 5])).toEqual(['~', 5])
})

it('belongs to its listing alone: a filter that is absent is not one that is empty', () => {
  const { nextCursor } = page(2)
  for (const other of [
    ['models', 'newest', '', 'stage=prod'],
    ['models', 'newest', 'stage=prod', undefined],
    ['models', 'newest'],
  ])
    expect(() => readCursor(nextCursor, other, [0])).toThrow(/cursor/)
})
