import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import { parseUniqueJson } from './unique-json.js'

describe('parseUniqueJson', () => {
  it('gives the value of a text whose keys are unique within each object', () => {
    const text = '{ "a": { "a": 1 }, "b": [{ "a": 2 }, { "a": 3 }], "c": "{\\"a\\":1,\\"a\\":2}" }'
    expect(parseUniqueJson(text, 'x.json')).toEqual(JSON.parse(text))
  })

  it('names every key that is given twice, by its path', () => {
    const text = '{"a":1,"b":[{"c":1},{"c":1,"d":{"e":1,"e":2}}],"a":2,"\\u0061":3}'
    expect(problems(text)).toEqual(['b.1.d.e', 'a'])
  })

  it.each([
    ['{"a\\\\":1,"a\\\\":2}', ['a\\']],
    ['{"a\\":":1,"b":{"a\\":":1,"a\\":":2}}', ['b.a":']],
    ['[":",{"x":":"},[[{"":1,"":2}]]]', ['2.0.0.']],
    ['{"__proto__":1,"__proto__":2}', ['__proto__']],
    ['{"1":1,"b":[],"1":{}}', ['1']],
  ])('sees the key twice in %s', (text, paths) => {
    expect(problems(text)).toEqual(paths)
  })

  it('takes a text with quotes, colons and backslashes wherever they may be', () => {
    const value = { ':': '\\', '"': ['":"', '\\"', { '\\\\': '{"a":1,"a":2}' }], __proto: { a: ':' } }
    for (const text of [JSON.stringify(value), JSON.stringify(JSON.stringify(value)), '":"', '[]', '{}', '7'])
      expect(parseUniqueJson(text, 'x.json')).toEqual(JSON.parse(text))
  })

  it('sees a key twice whatever was parsed before', () => {
    JSON.parse('{"lr":1,"l\\\\":2}')
    expect(problems('{"lr":1,"l\\u0072":2}')).toEqual(['lr'])
  })

  it('takes a tree of any depth', () => {
    const depth = 100_000
    expect(parseUniqueJson('['.repeat(depth) + ']'.repeat(depth), 'x.json')).toBeInstanceOf(Array)
  })

  it('names a key at the top in its sentence', () => {
    expect(() => parseUniqueJson('{"port":1,"port":2}', 'x.json')).toThrow(
      'the key "port" is given more than once',
    )
  })

  it('says where a text is not JSON, and shows nothing of it', () => {
    const text = '{ "db": "postgres://db",\n  "token": hunter2 }'
    let error: unknown
    try {
      parseUniqueJson(text, 'x.json')
    } catch (thrown) {
      error = thrown
    }
    expect(error).toHaveProperty(
      'message',
      expect.stringMatching(/x\.json was refused.*it is not JSON: .* line 2, column 12/s),
    )
    expect(inspect(error)).not.toContain('hunter2')
  })
})

function problems(text: string): string[] {
  try {
    parseUniqueJson(text, 'x.json')
  } catch (error) {
    if (error instanceof ModelValidationError) return error.context.validationErrors.map(({ path }) => path)
    throw error
  }
  return []
}
