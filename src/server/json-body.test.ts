import { describe, expect, it } from 'vitest'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import { parseBody } from './json-body.js'

const parse = (text: string) => parseBody(Buffer.from(text))

describe('parseBody', () => {
  it('reads JSON, names that only look odd included', () => {
    for (const text of [
      '{"constructor":1,"prototype":2}',
      JSON.stringify(`\\"${'['.repeat(100)}`),
      '[{"a":1},{"a":2}]',
      '3',
      '"x"',
    ])
      expect(parse(text)).toEqual(JSON.parse(text))
  })

  it.each([
    ['a name twice', '{"a":1,"a":2}'],
    ['a name twice once it is unescaped', '{"a":1,"\\u0061":2}'],
    ['__proto__', '{"tags":{"__proto__":{"admin":"yes"}}}'],
    ['an escaped __proto__', '{"\\u005f_proto__":1}'],
    ['constructor.prototype', '{"constructor":{"prototype":{}}}'],
    ['a deep tree', `${'['.repeat(60_000)}${']'.repeat(60_000)}`],
    ['a tree of objects that is deep', `${'{"a":'.repeat(50)}1${'}'.repeat(50)}`],
    ['a deep tree that has no end', '['.repeat(100_000)],
    ['text that is no JSON', '{"a":1'],
    ['NaN', '{"a":NaN}'],
  ])('refuses %s', (_what, text) => {
    const error = caught(() => parse(text))
    expect(error).toBeInstanceOf(ModelValidationError)
    expect(error).toMatchObject({ status: 400, reason: { id: 'malformed-request' } })
  })

  it('says of a tree that is too deep how deep one may be, whether it is JSON or not', () => {
    for (const text of ['['.repeat(100_000), '{"a":'.repeat(50)])
      expect(caught(() => parse(text))).toHaveProperty(
        'message',
        expect.stringContaining('at most 40 levels'),
      )
  })

  it('names a hundred of the names that are there twice, and how many more there are', () => {
    const text = `{${Array.from({ length: 1000 }, (_, i) => `"k${i}":1,"k${i}":1`).join(',')}}`
    const error = caught(() => parse(text))
    const problems = error instanceof ModelValidationError ? error.context.validationErrors : []
    expect(problems).toHaveLength(101)
    expect(problems.at(-1)?.message).toBe('there are 900 more problems')
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(caught(() => parseBody(new Uint8Array([0x22, 0xff, 0xfe, 0x22])))).toMatchObject({ status: 400 })
  })

  it('leaves Object.prototype as it is', () => {
    caught(() => parse('{"__proto__":{"polluted":true}}'))
    expect(Object.keys(Object.prototype)).toEqual([])
    expect('polluted' in {}).toBe(false)
  })
})

function caught(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
