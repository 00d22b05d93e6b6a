import { describe, expect, it } from 'vitest'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import { parseMetadata } from './metadata.js'
import { parseVersion } from './version.js'

const good = { modelId: 'm', version: '1.0.0', modelType: 'lstm', inputShape: [60, 5], outputShape: [1] }

function errorFor(input: unknown): ModelValidationError {
  try {
    parseMetadata(input)
  } catch (error) {
    if (error instanceof ModelValidationError) return error
    throw error
  }
  throw new TypeError('that is metadata')
}

const suggestionFor = (input: unknown) => errorFor(input).context.suggestedMetadata

describe('metadata that is refused', () => {
  it.each<[object, object]>([
    [{ version: 'v1.2' }, { version: '1.2.0' }],
    [{ version: 'V1.2.3' }, { version: '1.2.3' }],
    [{ version: '1' }, { version: '1.0.0' }],
    [{ version: 2 }, { version: '2.0.0' }],
    [{ version: 1.2 }, { version: '1.2.0' }],
    [{ version: ' 1.2.3 ' }, { version: '1.2.3' }],
    [{ version: '01.02.03' }, { version: '1.2.3' }],
    [{ version: 'version 1.2' }, { version: '1.2.0' }],
    [{ version: 'release-1.2.0' }, { version: '1.2.0' }],
    [{ version: '1.2rc1' }, { version: '1.2.0-rc1' }],
    [{ version: '1.2.0-beta_2' }, { version: '1.2.0-beta-2' }],
    [{ version: '1.2.0-rc.01' }, { version: '1.2.0-rc.1' }],
    [{ version: 'v1.2+build_5' }, { version: '1.2.0+build-5' }],
    [{ version: '2026-01-31' }, { version: '2026.1.31' }],
    [{ modelType: 'LSTM' }, { modelType: 'lstm' }],
    [{ modelType: ' Transformers' }, { modelType: 'transformer' }],
    [{ modelType: 'Neural Network' }, { modelType: 'neural' }],
    [{ modelType: 'ensembel' }, { modelType: 'ensemble' }],
    [{ inputShape: '60,5' }, { inputShape: [60, 5] }],
    [{ inputShape: '[60, 5]' }, { inputShape: [60, 5] }],
    [{ inputShape: '(None, 60, 5)' }, { inputShape: [60, 5] }],
    [{ inputShape: '60x5' }, { inputShape: [60, 5] }],
    [{ inputShape: [null, 60, 5] }, { inputShape: [60, 5] }],
    [{ inputShape: [-1, 60, 5] }, { inputShape: [60, 5] }],
    [{ inputShape: ['60', '5'] }, { inputShape: [60, 5] }],
    [{ inputShape: [[60, 5]] }, { inputShape: [60, 5] }],
    [{ outputShape: 1 }, { outputShape: [1] }],
    [{ accuracy: 93 }, { accuracy: 0.93 }],
    [{ accuracy: 93.4 }, { accuracy: 0.934 }],
    [{ accuracy: '93 %' }, { accuracy: 0.93 }],
    [{ accuracy: '93%' }, { accuracy: 0.93 }],
    [{ accuracy: '0.93' }, { accuracy: 0.93 }],
    [{ accuracy: '0,93' }, { accuracy: 0.93 }],
    [{ metrics: { rmse: '12.5', f1: '80 %' } }, { metrics: { rmse: 12.5, f1: 0.8 } }],
    [{ tags: { run: 7, best: true } }, { tags: { run: '7', best: 'true' } }],
    [{ trainedAt: '2026-01-31' }, { trainedAt: '2026-01-31T00:00:00Z' }],
    [{ trainedAt: '2026-01-31 12:00:00+0100' }, { trainedAt: '2026-01-31T12:00:00+01:00' }],
    [{ trainedAt: 1_769_860_800 }, { trainedAt: '2026-01-31T12:00:00.000Z' }],
    [{ modelId: 'My Modèl' }, { modelId: 'My-Model' }],
    [{ modelId: 'team/btc/lstm' }, { modelId: 'team/btc-lstm' }],
    [
      { version: 'v2', s3Path: 'https://models.s3.amazonaws.com/a.json' },
      { version: '2.0.0', s3Path: 's3://models/a.json' },
    ],
    [
      { lineage: { parentVersion: 'v0.9', gitCommit: 'A1B2C3D' } },
      { lineage: { parentVersion: '0.9.0', gitCommit: 'a1b2c3d' } },
    ],
  ])('%j comes with %j', (wrong, meant) => {
    const suggested = suggestionFor({ ...good, ...wrong })
    expect(suggested).toEqual({ ...good, ...meant })
    expect(() => parseMetadata(suggested)).not.toThrow()
  })

  it('comes with keys as they are spelt here, where they are not taken', () => {
    const { modelId, ...rest } = good
    expect(suggestionFor({ ...rest, model_id: modelId, acuracy: 0.9 })).toEqual({ ...good, accuracy: 0.9 })
    expect(suggestionFor({ ...good, model_id: 'other' })).toBeUndefined()
  })

  it('comes without what other languages write for nothing', () => {
    expect(suggestionFor({ ...good, accuracy: null, description: null })).toEqual(good)
  })

  it('comes with all of it repaired at once, and with a value for each problem', () => {
    const error = errorFor({ ...good, version: 'v1.2', modelType: 'LSTM', inputShape: '60,5', accuracy: 93 })
    expect(error.context.suggestedMetadata).toEqual({ ...good, version: '1.2.0', accuracy: 0.93 })
    expect(error.context.validationErrors.map(({ path, suggested }) => [path, suggested])).toEqual([
      ['version', '1.2.0'],
      ['modelType', 'lstm'],
      ['inputShape', [60, 5]],
      ['accuracy', 0.93],
    ])
    const guide = error.getTroubleshootingGuide()
    expect(guide).toContain('accuracy: give at most 1; 0.93 seems to be meant.')
    expect(guide).toContain('error.context.suggestedMetadata')
  })

  it('comes with the values that can be told even where the whole cannot', () => {
    const { context } = errorFor({ ...good, version: 'v1.2', modelType: 'forest', outputShape: undefined })
    expect(context.suggestedMetadata).toBeUndefined()
    expect(context.validationErrors.map(({ path, suggested }) => [path, suggested])).toEqual([
      ['version', '1.2.0'],
      ['modelType', undefined],
      ['outputShape', undefined],
    ])
  })

  it.each<object>([
    { version: 'invalid' },
    { version: 'latest' },
    { version: '1.x' },
    { version: '^1.2.0' },
    { version: '1.2.3.4' },
    { version: '' },
    { version: '9'.repeat(1000) },
    { version: {} },
    { modelType: 'forest' },
    { modelType: 7 },
    { inputShape: [] },
    { inputShape: [60, -1] },
    { inputShape: 'sixty' },
    { inputShape: [1.5] },
    { inputShape: { 0: 60 } },
    { accuracy: 1.5 },
    { accuracy: 930 },
    { accuracy: -3 },
    { accuracy: 'high' },
    { trainedAt: 'yesterday' },
    { trainedAt: '2026-01-31 12:00:00' },
    { modelId: '???' },
    { colour: 'red' },
    { description: 'x'.repeat(70_000), version: 'v1' },
  ])('is not guessed at where it says %j', (wrong) => {
    expect(suggestionFor({ ...good, ...wrong })).toBeUndefined()
  })

  it.each([null, undefined, 'text', 7, [], new Date()])('is not made up for %j', (input) => {
    expect(suggestionFor(input)).toBeUndefined()
  })

  it('is not suggested where a part of it would be masked', () => {
    const hyperparameters = { api_key: 'abcdef123456' }
    const { context } = errorFor({ ...good, version: 'v1.2', hyperparameters })
    expect(context.suggestedMetadata).toBeUndefined()
    expect(context.validationErrors[0]?.suggested).toBe('1.2.0')
    expect(JSON.stringify(context)).not.toContain('abcdef123456')
  })

  it('is left as it was: nothing is repaired in place', () => {
    const input = Object.freeze({ ...good, version: 'v1.2', inputShape: Object.freeze(['60', '5']) })
    expect(suggestionFor(input)?.inputShape).toEqual([60, 5])
    expect(input.inputShape).toEqual(['60', '5'])
  })
})

describe('a version that is refused alone', () => {
  it('comes with the one that seems to be meant', () => {
    try {
      parseVersion('v1.2')
    } catch (error) {
      expect(error).toMatchObject({ context: { validationErrors: [{ suggested: '1.2.0' }] } })
    }
    expect.assertions(1)
  })
})
