import { describe, expect, it } from 'vitest'
import { diskFull } from '../errors/causes/local-disk.js'
import { S3UploadError } from '../errors/s3-upload-failed/error.js'
import { cliInFolder } from './cli.testing.js'
import { plain } from './paint.js'
import { errorJson, errorText } from './print-error.js'

const error = new S3UploadError(
  { s3Path: 's3://models/btc/model.json', modelId: 'btc', version: '1.0.0' },
  {
    reason: diskFull,
    outcome: 'unknown',
    leftovers: [{ kind: 'object', at: 's3://models/btc/model.json' }],
    cause: Object.assign(new Error('no space left, token mdl_0123456789abcdefghij'), { code: 'ENOSPC' }),
  },
)

describe('errorText', () => {
  it('says what, why, what became of the data, what is left behind and what to do', () => {
    const text = errorText(error, plain, { debug: false, width: 80, fix: 'modelry fix' })
    expect(text).toContain('S3_UPLOAD_FAILED  Storage, Critical')
    expect(text).toContain('Cause     disk-full')
    expect(text).toContain('Outcome   not known')
    expect(text).toContain('Caught    Error (ENOSPC): no space left')
    expect(text).toContain('Left behind\n  object s3://models/btc/model.json')
    expect(text).toMatch(/What to do\n {2}1\. /)
    expect(text).toContain('Runbook   docs/runbooks/s3-upload-failure.md')
    expect(text).not.toContain('mdl_0123456789abcdefghij')
    expect(text).not.toContain('    at ')
  })

  it('fits prose into the width and leaves commands whole', () => {
    const long = errorText(error, plain, {
      debug: false,
      width: 60,
      fix: 'modelry fix',
    }).split('\n')
    expect(long.filter((line) => line.length > 60 && !/^ *\$ /.test(line))).toEqual([])
  })

  it('adds the stacks with debug, without secrets', () => {
    const text = errorText(error, plain, { debug: true, width: 80, fix: 'modelry fix' })
    expect(text).toContain('print-error.test.ts')
    expect(text).not.toContain('mdl_0123456789abcdefghij')
  })

  it('says that an error outside the catalog is a mistake, instead of showing a stack', () => {
    const text = errorText(new TypeError('x is not a function'), plain, {
      debug: false,
      width: 80,
      fix: 'modelry fix',
    })
    expect(text).toContain('not in its catalog: TypeError: x is not a')
    expect(text).toContain('--debug')
    expect(text).not.toContain('    at ')
  })
})

describe('errorJson', () => {
  it('is the wire form, with the stacks where they are asked for', () => {
    expect(errorJson(error, { debug: false })).toEqual(error.toJSON())
    expect(errorJson(error, { debug: true })).toMatchObject({
      code: error.code,
      stack: [expect.any(String), expect.any(String)],
    })
    expect(errorJson('broken', { debug: false })).toEqual({ name: 'Error', message: 'broken' })
  })
})

describe('a command that fails', () => {
  it('prints the guide on standard error, or the wire form on standard output', async () => {
    const cli = await cliInFolder()
    const text = await cli('get nothing@1.0.0')
    expect(text.stdout).toBe('')
    expect(text.stderr).toContain('MODEL_NOT_FOUND')
    const { json, stderr } = await cli('get nothing@1.0.0 --json')
    expect(json).toMatchObject({ code: 'MODEL_NOT_FOUND', outcome: 'not-applied', steps: expect.any(Array) })
    expect(stderr).toBe('')
  })
})
