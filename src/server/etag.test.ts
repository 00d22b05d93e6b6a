import { describe, expect, it } from 'vitest'
import { etagOfBody, matchesNone } from './etag.js'

describe('etagOfBody', () => {
  it('differs for bodies that differ, and is quoted', () => {
    expect(etagOfBody('a')).toMatch(/^"[\w-]+"$/)
    expect(etagOfBody('a')).not.toBe(etagOfBody('b'))
  })
})

describe('matchesNone', () => {
  it.each([['"a"'], ['*'], [' * '], ['W/"a"'], ['"x", "a"'], ['"x",W/"a"']])('is matched by %s', (field) => {
    expect(matchesNone(field, '"a"')).toBe(true)
  })

  it.each([[undefined], [''], ['"b"'], ['a'], ['"ab"']])('is not matched by %s', (field) => {
    expect(matchesNone(field, '"a"')).toBe(false)
  })
})
