import { describe, expect, it } from 'vitest'
import { type ModelRecord, modelRecordSchema } from './model-record.js'
import { environmentsSchema, policyProblems } from './policy.js'

const record: ModelRecord = modelRecordSchema.parse({
  modelId: 'm',
  version: '1.0.0',
  number: 1,
  modelType: 'lstm',
  inputShape: [1],
  outputShape: [1],
  s3Path: 's3://models/m',
  accuracy: 0.8,
  metrics: { rmse: 3 },
  tags: {},
  files: [],
  size: 0,
  digest: '0'.repeat(64),
  aliases: [],
  environments: [],
  deploymentStatus: 'inactive',
  createdAt: '2026-01-01T00:00:00.000Z',
  createdBy: 'test',
  updatedAt: '2026-01-01T00:00:00.000Z',
})

describe('the policy of an environment', () => {
  it('is met by a version with the metrics and the past that it asks for', () => {
    const policy = { minimumMetrics: { accuracy: 0.8, rmse: 3 }, mustHaveBeenActiveIn: 'staging' }
    expect(policyProblems(policy, record, () => true)).toEqual([])
  })

  it('names every metric that is too low or absent, and the environment that was skipped', () => {
    const policy = { minimumMetrics: { accuracy: 0.9, recall: 0.5 }, mustHaveBeenActiveIn: 'staging' }
    expect(policyProblems(policy, record, () => false)).toEqual([
      'its accuracy is 0.8, and at least 0.9 is asked for',
      'it has no metric recall, and at least 0.5 is asked for',
      'it was never active in staging',
    ])
  })

  it('is refused in the configuration when a name in it cannot be an environment', () => {
    expect(environmentsSchema.safeParse({ Production: {} }).success).toBe(false)
    expect(environmentsSchema.safeParse({ production: { mustHaveBeenActiveIn: '../x' } }).success).toBe(false)
  })
})
