import { describe, expect, it } from 'vitest'
import { InvalidS3PathError } from '../errors/invalid-s3-path/error.js'
import { parseS3Address } from './s3-address.js'

function suggestionFor(text: unknown): string | undefined {
  try {
    parseS3Address(text)
  } catch (error) {
    if (error instanceof InvalidS3PathError) return error.context.suggestedPath
    throw error
  }
  throw new TypeError(`${String(text)} is an address`)
}

it('shows no password that stands before the bucket', () => {
  for (const text of [
    's3://user:hunter2@bucket/key',
    's3://user:hunter2@bucket',
    's3://hunter2@bucket/key',
  ]) {
    const problem = problemOf(text)
    expect(problem).toBe('it has a user name or password before the bucket')
  }
})

function problemOf(text: unknown): unknown {
  try {
    parseS3Address(text)
  } catch (error) {
    if (error instanceof InvalidS3PathError && !error.message.includes('user:hunter2'))
      return error.context.problem
    throw error
  }
  throw new TypeError(`${String(text)} is an address`)
}

describe('an address that is none', () => {
  it.each([
    ['S3://models/a.json', 's3://models/a.json'],
    ['s3:models/a.json', 's3://models/a.json'],
    ['s3:/models/a.json', 's3://models/a.json'],
    ['s3:///models/a.json', 's3://models/a.json'],
    ['s3//models/a.json', 's3://models/a.json'],
    ['s3a://models/a.json', 's3://models/a.json'],
    ['s3n://models/a.json', 's3://models/a.json'],
    ['s3:\\\\models\\a.json', 's3://models/a.json'],
    ['models/a.json', 's3://models/a.json'],
    ['models/deep/er/a.json', 's3://models/deep/er/a.json'],
    ['s3://models//deep///a.json', 's3://models/deep/a.json'],
    ['s3://models/folder/', 's3://models/folder'],
    ['s3://Models/A.json', 's3://models/A.json'],
    [' "s3://models/a.json"\n', 's3://models/a.json'],
    ['<s3://models/a.json>', 's3://models/a.json'],
    ['s3://models/a.json?versionId=3HL4kqtJlcpXroDTDmJ', 's3://models/a.json'],
    ['arn:aws:s3:::models/deep/a.json', 's3://models/deep/a.json'],
    ['arn:aws-cn:s3:::models/a.json', 's3://models/a.json'],
    ['https://models.s3.amazonaws.com/deep/a.json', 's3://models/deep/a.json'],
    ['https://models.s3.eu-west-1.amazonaws.com/a.json', 's3://models/a.json'],
    ['https://models.s3-eu-west-1.amazonaws.com/a.json', 's3://models/a.json'],
    ['https://models.s3.dualstack.eu-west-1.amazonaws.com/a.json', 's3://models/a.json'],
    ['https://models.s3-accelerate.amazonaws.com/a.json', 's3://models/a.json'],
    ['https://models.s3.cn-north-1.amazonaws.com.cn/a.json', 's3://models/a.json'],
    ['https://my.dotted.bucket.s3.amazonaws.com/a.json', 's3://my.dotted.bucket/a.json'],
    ['https://s3.amazonaws.com/models/a.json', 's3://models/a.json'],
    ['https://s3.eu-west-1.amazonaws.com/models/a.json', 's3://models/a.json'],
    ['https://s3-eu-west-1.amazonaws.com/models/a.json', 's3://models/a.json'],
    ['HTTPS://MODELS.S3.AMAZONAWS.COM/A.json', 's3://models/A.json'],
    ['models.s3.amazonaws.com/a.json', 's3://models/a.json'],
    ['https://models.s3.amazonaws.com/a%20b/%C3%A9.json', 's3://models/a b/é.json'],
    [
      'https://models.s3.amazonaws.com/a.json?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F2026&X-Amz-Signature=ab12',
      's3://models/a.json',
    ],
    [
      'https://s3.console.aws.amazon.com/s3/object/models?region=eu-west-1&prefix=deep/a.json',
      's3://models/deep/a.json',
    ],
    ['https://eu-west-1.console.aws.amazon.com/s3/object/models?prefix=a.json', 's3://models/a.json'],
    ['http://127.0.0.1:9000/models/a.json', 's3://models/a.json'],
    ['http://localhost:9000/models/a.json', 's3://models/a.json'],
    ['http://minio.internal:9000/models/a.json', 's3://models/a.json'],
    ['https://0123456789abcdef.r2.cloudflarestorage.com/models/a.json', 's3://models/a.json'],
    ['https://models.fra1.digitaloceanspaces.com/a.json', 's3://models/a.json'],
    ['https://models.s3.us-west-004.backblazeb2.com/a.json', 's3://models/a.json'],
    ['https://s3.eu-central-1.wasabisys.com/models/a.json', 's3://models/a.json'],
    ['https://abcdefgh.supabase.co/storage/v1/object/public/models/a.json', 's3://models/a.json'],
    ['https://abcdefgh.supabase.co/storage/v1/s3/models/a.json', 's3://models/a.json'],
  ])('%j seems to mean %s', (text, meant) => {
    expect(suggestionFor(text)).toBe(meant)
    expect(parseS3Address(meant)).toBe(meant)
  })

  it.each([
    'invalid-path',
    '',
    's3://',
    's3://models',
    's3://models/',
    's3://m/a.json',
    's3://my_models/a.json',
    's3://models/../a.json',
    's3://models/con',
    's3://models/a\u202eb',
    './models/a.json',
    '../models/a.json',
    '/home/me/a.json',
    '~/models/a.json',
    'C:\\models\\a.json',
    'file:///models/a.json',
    'gs://models/a.json',
    'https://example.com/models/a.json',
    'https://s3.amazonaws.com/models',
    'https://models.s3.amazonaws.com/%E0%A4%A',
    'https://',
    'arn:aws:s3:::models',
    'arn:aws:iam::111122223333:user/trainer',
    undefined,
    null,
    7,
    {},
  ])('%j is not guessed at', (text) => {
    expect(suggestionFor(text)).toBeUndefined()
  })

  it('is answered at once, however long it is', () => {
    for (const long of ['s3:'.repeat(100_000), `https://${'a.'.repeat(50_000)}s3`, '/'.repeat(300_000)])
      expect(() => parseS3Address(long)).toThrow(InvalidS3PathError)
  })

  it('is suggested in the first of the steps', () => {
    try {
      parseS3Address('models/a.json')
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidS3PathError)
      if (error instanceof InvalidS3PathError)
        expect(error.steps[0]?.text).toContain('Use s3://models/a.json,')
    }
  })
})
