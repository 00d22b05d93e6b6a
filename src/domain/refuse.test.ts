import { describe, expect, it } from 'vitest'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import { parseMetadata } from './metadata.js'
import { refuse } from './refuse.js'
import { parseUniqueJson } from './unique-json.js'

const good = { modelId: 'm', version: '1.0.0', modelType: 'lstm', inputShape: [60, 5], outputShape: [1] }

function refusal(call: () => unknown): ModelValidationError {
  try {
    call()
  } catch (error) {
    if (error instanceof ModelValidationError) return error
    throw error
  }
  throw new TypeError('nothing was refused')
}

describe('the message of MODEL_VALIDATION_FAILED', () => {
  it('names every problem, also where one cause speaks of all of them', () => {
    const unknown = refusal(() => parseMetadata({ ...good, foo: 1, modelTyp: 'lstm' }))
    expect(unknown.reason.id).toBe('unknown-field')
    expect(unknown.message).toContain('of 2 problems: foo: ')
    expect(unknown.message).toContain('; modelTyp: ')
    const shapes = refusal(() => parseMetadata({ ...good, inputShape: ['60', '5'] }))
    expect(shapes.reason.id).toBe('invalid-shape')
    expect(shapes.message).toMatch(/inputShape\.0: .*inputShape\.1: /)
  })

  it('says how many more there are than five', () => {
    const many = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`own${i}`, i]))
    const { message } = refusal(() => parseMetadata({ ...good, ...many }))
    expect(message).toContain('own4: ')
    expect(message).not.toContain('own5')
    expect(message).toContain('; and 3 more. ')
  })

  it('ends in one stop, whatever its last problem ends in', () => {
    const { message } = refusal(() => parseMetadata({ ...good, modelTyp: 'lstm' }))
    expect(message).toContain('did you mean modelType? Nothing was stored or recorded.')
  })
})

describe('the cause of MODEL_VALIDATION_FAILED', () => {
  it('speaks of metadata only where metadata was refused', () => {
    const key = refusal(() => parseUniqueJson('{"modelId":"a","modelId":"b"}', 'metadata.json'))
    const limit = refuse('limit', 0, 'at least 1', 'listModels')
    for (const { reason, steps, message } of [key, limit]) {
      expect(reason.id).toBe('invalid-metadata')
      expect(JSON.stringify(steps)).not.toMatch(/accuracy goes|metrics/)
      expect(message).toMatch(/ Nothing was changed\.$/)
    }
  })

  it('gives the advice for a field to that field alone', () => {
    const accuracy = refusal(() => parseMetadata({ ...good, accuracy: 93 }))
    expect(JSON.stringify(accuracy.steps)).toContain('93 % is 0.93')
  })
})

describe('the guide of a refusal', () => {
  it('says what became of the data, and nothing of what ends by itself', () => {
    const guide = refuse('limit', 0, 'at least 1', 'listModels').getTroubleshootingGuide()
    expect(guide).toContain('\nOutcome: not-applied: what was asked for was not done.\n')
    expect(guide).not.toContain('By itself:')
  })
})
