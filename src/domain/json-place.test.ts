import { describe, expect, it } from 'vitest'
import { placeOfOddity } from './json-place.js'

describe('placeOfOddity', () => {
  it.each([
    ['', 'line 1, column 1'],
    ['{ "a": }', 'line 1, column 8'],
    ['{\n  "a": 1,\n  "b": secret\n}', 'line 3, column 8'],
    ['{\n  "a": 1,\n}', 'line 3, column 1'],
    ['[1,]', 'line 1, column 4'],
    ['[1 2]', 'line 1, column 4'],
    ['{"a" 1}', 'line 1, column 6'],
    ['{"a":1', 'line 1, column 7'],
    ['{"a":[1}', 'line 1, column 8'],
    ['{"a":"never ends}', 'line 1, column 6'],
    ['{"a":"\\x"}', 'line 1, column 6'],
    ['1 2', 'line 1, column 3'],
    ["{'a':1}", 'line 1, column 2'],
    ['{"a":01}', 'line 1, column 7'],
    ['// comment\n{}', 'line 1, column 1'],
    [']', 'line 1, column 1'],
  ])('finds it in %j', (text, place) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError)
    expect(placeOfOddity(text)).toBe(place)
  })

  it('finds it after a string of any length', () => {
    expect(placeOfOddity(`["${'a'.repeat(16_000_000)}"`)).toBe('line 1, column 16000004')
  })

  it('finds none before the end of what is JSON', () => {
    const text = ' {"a":[1,-2.5e3,true,null,{}],"b\\u00e4\\"":{"c":[]},"\u{1f600}\u0085":""} '
    expect(JSON.parse(text)).toBeTypeOf('object')
    expect(placeOfOddity(text)).toBe(`line 1, column ${text.length + 1}`)
  })
})
