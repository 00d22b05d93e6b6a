import { describe, expect, it } from 'vitest'
import { InvalidS3PathError } from '../errors/invalid-s3-path/error.js'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import { metadataJsonSchema, parseMetadata, parseMetadataChange } from './metadata.js'
import { parseModelId } from './model-id.js'
import { parseVersion } from './version.js'

const good = { modelId: 'm', version: '1.0.0', modelType: 'lstm', inputShape: [60, 5], outputShape: [1] }

const problemsFor = (input: unknown) => problemsIn(() => parseMetadata(input))

function problemsIn(parse: () => unknown) {
  try {
    parse()
  } catch (error) {
    if (error instanceof ModelValidationError) return error.context.validationErrors
    throw error
  }
  return []
}

describe('metadata', () => {
  it('takes every documented field, and a Date as trainedAt', () => {
    const parsed = parseMetadata({
      ...good,
      s3Path: 's3://bucket/key',
      accuracy: 0.93,
      metrics: { rmse: 12.5, 'f1 score': 0.8 },
      description: 'Hourly closing prices',
      tags: { team: 'quant' },
      framework: 'tensorflow.js 4.22',
      hyperparameters: { units: 32, layers: [{ kind: 'lstm' }] },
      trainedAt: new Date('2026-01-31T12:00:00Z'),
      lineage: { dataset: 's3://data/btc.csv', parentVersion: '0.9.0', run: 'run-17', gitCommit: 'a1b2c3d' },
    })
    expect(parsed.trainedAt).toBe('2026-01-31T12:00:00.000Z')
    expect(parsed.s3Path).toBe('s3://bucket/key')
  })

  it('refuses text that UTF-8 has no bytes for, wherever it stands', () => {
    const half = '\ud800'
    const problems = problemsFor({
      ...good,
      description: `a${half}`,
      tags: { team: half },
      framework: half,
      hyperparameters: { deep: [{ name: half }], [half]: 1 },
      lineage: { run: half },
    })
    expect(problems.map(({ path }) => path)).toEqual([
      ...['description', 'tags.team', 'framework', 'hyperparameters.deep.0.name', 'hyperparameters'],
      'lineage.run',
    ])
    const subject = { modelId: parseModelId('m'), version: parseVersion('1.0.0') }
    expect(problemsIn(() => parseMetadataChange({ description: half }, subject))).toHaveLength(1)
    expect(parseMetadata({ ...good, description: '😀' }).description).toBe('😀')
  })

  it.each(['tags', 'metrics', 'hyperparameters'])('refuses __proto__ among %s', (field) => {
    const value = JSON.parse(`{"__proto__":${field === 'tags' ? '"x"' : 1}}`)
    expect(problemsFor({ ...good, [field]: value })).toMatchObject([{ path: `${field}.__proto__` }])
  })

  it('keeps the other names that objects have by nature', () => {
    const names = JSON.parse('{"constructor":1,"prototype":2}')
    const { tags, metrics } = parseMetadata({ ...good, metrics: names, tags: { constructor: 'x' } })
    expect({ tags, metrics }).toEqual({ tags: { constructor: 'x' }, metrics: names })
  })

  it('reads a change with every problem of it', () => {
    const subject = { modelId: parseModelId('m'), version: parseVersion('1.0.0') }
    expect(parseMetadataChange({ description: null, tags: { a: 'b' } }, subject)).toEqual({
      description: null,
      tags: { a: 'b' },
    })
    const change = JSON.parse('{"description":1,"tag":{},"tags":{"__proto__":"x"}}')
    expect(problemsIn(() => parseMetadataChange(change, subject)).map(({ path }) => path)).toEqual([
      'description',
      'tag',
      'tags.__proto__',
    ])
  })

  it('reports each problem with its path, what was found and what is allowed', () => {
    const problems = problemsFor({
      ...good,
      modelType: 'LSTM',
      accuracy: 93,
      inputShape: ['60', -1],
      trainedAt: 'yesterday',
    })
    expect(problems.map(({ path }) => path)).toEqual([
      'modelType',
      'inputShape.0',
      'inputShape.1',
      'accuracy',
      'trainedAt',
    ])
    expect(problems[0]).toMatchObject({
      found: '"LSTM"',
      allowed: 'one of lstm, transformer, neural, ensemble',
    })
    expect(problems[3]).toMatchObject({ found: '93', allowed: 'at most 1' })
    expect(problems[4]?.allowed).toContain('ISO 8601')
  })

  it('says that a required field is missing', () => {
    expect(problemsFor({}).map(({ path, found }) => [path, found])).toEqual([
      ['modelId', 'nothing'],
      ['version', 'nothing'],
      ['modelType', 'nothing'],
      ['inputShape', 'nothing'],
      ['outputShape', 'nothing'],
    ])
  })

  it('guesses what an unknown key was meant to be', () => {
    expect(problemsFor({ ...good, acuracy: 0.9 })[0]?.message).toContain('did you mean accuracy?')
  })

  it('reports a bad address among the others, and alone as InvalidS3PathError', () => {
    expect(problemsFor({ ...good, version: 'v1', s3Path: 'x' }).map(({ path }) => path)).toEqual([
      'version',
      's3Path',
    ])
    expect(() => parseMetadata({ ...good, s3Path: 'x' })).toThrow(InvalidS3PathError)
  })

  it('holds the whole to 64 KB and 32 levels', () => {
    expect(problemsFor({ ...good, hyperparameters: { big: 'x'.repeat(70_000) } })[0]?.allowed).toContain(
      '65536 bytes',
    )
    let deep: unknown = 1
    for (let n = 0; n < 40; n++) deep = { deep }
    expect(problemsFor({ ...good, hyperparameters: { deep } })[0]?.path).toBe('hyperparameters')
    expect(problemsFor({ ...good, hyperparameters: { bad: Number.NaN } })).toHaveLength(1)
  })

  it.each([null, undefined, 'text', 7, [], new Date()])('refuses %j as a whole', (input) => {
    expect(problemsFor(input).length).toBeGreaterThan(0)
  })

  it('refuses a name that JSON writes with an escape, and __proto__, as problems', () => {
    for (const name of ['a"b', 'a\\b', 'a\nb'])
      expect(problemsFor({ ...good, hyperparameters: { deep: [{ [name]: 1 }] } })).toMatchObject([
        {
          path: 'hyperparameters',
          allowed: expect.stringContaining('without quotes, backslashes or control'),
        },
      ])
    expect(
      problemsFor(Object.defineProperty({ ...good }, '__proto__', { value: {}, enumerable: true })),
    ).toMatchObject([{ path: '__proto__' }])
  })

  it('has a JSON Schema with the same required fields', () => {
    expect(metadataJsonSchema.required).toEqual([
      'modelId',
      'version',
      'modelType',
      'inputShape',
      'outputShape',
    ])
    expect(metadataJsonSchema.additionalProperties).toBe(false)
  })
})
