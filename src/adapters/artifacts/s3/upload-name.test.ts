import { describe, expect, it } from 'vitest'
import { parseUploadName, uploadName } from './upload-name.js'

describe('the name of an upload in parts', () => {
  it.each([
    ['models', 'btc/1.0.0/x/weights.bin', 'abc-123'],
    ['models', 'a key?uploadId=of a kind', 'VXBs'],
  ])('is read back as it was made: %s %s %s', (Bucket, Key, UploadId) => {
    expect(parseUploadName(uploadName(Bucket, Key, UploadId))).toEqual({ Bucket, Key, UploadId })
  })

  it.each([
    '',
    's3://models/key',
    's3://models?uploadId=x',
    's3://models/?uploadId=x',
    's3://models/key?uploadId=',
    '/tmp/x?uploadId=y',
  ])('is not %j', (name) => expect(parseUploadName(name)).toBeUndefined())
})
