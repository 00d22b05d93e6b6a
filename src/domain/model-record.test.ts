import { describe, expect, it } from 'vitest'
import { filesOfText, type ModelRecord, type RecordText, toRecordText } from './model-record.js'

const sha256 = 'a'.repeat(64) as ModelRecord['digest']
const file = (path: string): ModelRecord['files'][number] => ({
  path: path as ModelRecord['files'][number]['path'],
  size: 3,
  sha256,
  mediaType: 'text/plain',
  address: `s3://models/${path}` as ModelRecord['s3Path'],
  ownership: 'registry',
})

function recordOf(changes: Partial<ModelRecord>): ModelRecord {
  return {
    modelId: 'btc-lstm' as ModelRecord['modelId'],
    version: '1.0.0' as ModelRecord['version'],
    number: 1,
    modelType: 'lstm',
    inputShape: [1],
    outputShape: [1],
    s3Path: 's3://models/x' as ModelRecord['s3Path'],
    metrics: {},
    tags: {},
    files: [],
    size: 3,
    digest: sha256,
    aliases: [],
    environments: [],
    deploymentStatus: 'inactive',
    createdAt: '2026-01-01T00:00:00.000Z',
    createdBy: 'ann',
    updatedAt: '2026-01-01T00:00:00.000Z',
    ...changes,
  }
}

describe('filesOfText', () => {
  it.each([
    ['none', recordOf({})],
    ['several', recordOf({ files: [file('a.json'), file('b/c.bin')] })],
    [
      'some whose names look like the text around them',
      recordOf({
        metrics: { files: 1, 'x,"files":[': 2 },
        tags: { 'a,"files":[{}],"size":': ',"files":[],"size":1', files: '[' },
        files: [file('],"size":1'), file(',"files":[')],
        hyperparameters: { files: [1], size: 2, nested: { a: 1, files: [{ path: 'x' }], size: 3 } },
      }),
    ],
  ])('gives the files of a record that has %s', (_, record) => {
    expect(filesOfText(toRecordText(record))).toEqual(record.files)
  })

  it('takes a record whose parts come in another order as well', () => {
    const text = JSON.stringify({ files: [file('a.json')], size: 3 }) as RecordText
    expect(filesOfText(text)).toEqual([file('a.json')])
  })
})
