import { describe, expect, it } from 'vitest'
import { objectMissing } from '../errors/causes/objects.js'
import { S3DownloadError } from '../errors/s3-download-failed/error.js'
import { restate } from './restate.js'

const s3Path = 's3://models/btc/1.0.0/w.bin'

describe('an error that is restated', () => {
  it('has what the operation above knows, and underneath what was underneath', () => {
    const cause = new Error('no such key')
    const error = new S3DownloadError({ s3Path }, { reason: objectMissing, cause })
    const restated = restate(error, { modelId: 'btc', version: '1.0.0' })
    expect(restated).toBeInstanceOf(S3DownloadError)
    expect(restated).toMatchObject({ context: { s3Path, modelId: 'btc' }, reason: error.reason, cause })
  })

  it('is not underneath itself, which would say everything twice', () => {
    const restated = restate(new S3DownloadError({ s3Path }, { reason: objectMissing }), { modelId: 'btc' })
    expect(restated).not.toHaveProperty('cause')
  })

  it('is left as it is when it is none of the registry', () => {
    const error = new TypeError('a mistake')
    expect(restate(error, { modelId: 'btc' })).toBe(error)
  })
})
