import { describe, expect, it } from 'vitest'
import { parseJson } from './parse-json.js'

/** So that V8 has seen an object of that shape whose last key ends with a backslash. */
const seen = (first: string, second: string) => JSON.parse(`{"${first}":1,"${second}\\\\":2}`)

describe('parseJson', () => {
  it.each([
    ['a', 'b', '\\u0063', 'c'],
    ['lr', 'caf', '\\u00e9', 'é'],
    ['k', 'y', '\\n', '\n'],
    ['h', '', '\\"', '"'],
    ['m', 'x', '\\\\', '\\'],
    ['n', 'x', '\\ud83d\\ude00', '😀'],
    ['o', 'x', '\\ud83d', '\ud83d'],
  ])('gives {"%s", "%s%s"} the names that are written', (first, second, written, char) => {
    seen(first, second)
    const value = parseJson(`{"${first}":1,"${second}${written}" : [{"${second}${written}":"${written}"}]}`)
    expect(Object.entries(Object(value))).toEqual([
      [first, 1],
      [second + char, [{ [second + char]: char }]],
    ])
  })

  it('gives what JSON.parse gives where no key has an escape, and refuses what it refuses', () => {
    for (const text of [
      '"a\\\\":"',
      '{"a":"\\"b\\":"}',
      '[1, "\\\\", {"a" : "\\\\"}]',
      '"\uE000\\n"',
      '7',
      ' {} ',
    ])
      expect(outcomeOf(() => parseJson(text))).toEqual(outcomeOf(() => JSON.parse(text)))
    for (const text of ['{"a\\x":1}', '{"a\\":1}', '"\\', '{"b\\n" 1}', ''])
      expect(outcomeOf(() => parseJson(text))).toEqual(outcomeOf(() => JSON.parse(text)))
  })

  it('keeps names that look like its own marks, and __proto__ as a name', () => {
    const escaped = parseJson('{"\\ue0000":1,"q\\"":2,"\\ue0001":3}')
    expect(Object.entries(Object(escaped))).toEqual([
      ['\uE0000', 1],
      ['q"', 2],
      ['\uE0001', 3],
    ])
    const text = '{"\uE0000":1,"\uE000\uE0000":2,"q\\"":3,"__proto__":4,"\\u005f_proto__":5}'
    expect(Object.entries(Object(parseJson(text)))).toEqual([
      ['\uE0000', 1],
      ['\uE000\uE0000', 2],
      ['q"', 3],
      ['__proto__', 5],
    ])
  })
})

function outcomeOf(work: () => unknown): unknown {
  try {
    return { value: work() }
  } catch (error) {
    return { name: error instanceof Error ? error.name : error }
  }
}
