import { expect, it } from 'vitest'
import { newId } from './new-id.js'

it('makes UUIDs of version 7 that sort by their time and differ within it', () => {
  const ids = [0, 1, 1_764_000_000_000, 1_764_000_000_001].map(newId)
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(ids.toSorted()).toEqual(ids)
  expect(ids[3]?.startsWith('019ab697-e801-7')).toBe(true)
  expect(new Set(Array.from({ length: 1000 }, () => newId(7))).size).toBe(1000)
})
