import { describe, expect, it } from 'vitest'
import { InvalidS3PathError } from '../errors/invalid-s3-path/error.js'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import { parseAlias } from './alias.js'
import { parseEnvironment } from './environment.js'
import { parseFilePath } from './file-path.js'
import { foldModelId, parseModelId } from './model-id.js'
import { childAddress, parseS3Address, splitS3Address } from './s3-address.js'
import { parseVersionRef } from './version-ref.js'

/** Names that lead out of a folder, or look like others, or that some file system cannot keep. */
const HOSTILE = [
  '..',
  '../up',
  'a/../../b',
  './a',
  'a/./b',
  '/absolute',
  'a//b',
  'a/',
  '',
  'nul\0',
  'a\nb',
  'a\\b',
  '..\\up',
  'C:\\Windows',
  'con',
  'CON.txt',
  'a/lpt1',
  'trailing.',
  'trailing ',
  'ques?tion',
  'x'.repeat(256),
  `${'é'.repeat(150)}`,
  'zero\u200bwidth',
  'right\u202eleft',
  'dots\u2024\u2024',
  'full\uff0fwidth',
  'frac\u2044tion',
  'div\u2215ision',
  'lone\ud800surrogate',
  'e\u0301decomposed',
]

describe('names', () => {
  it.each(HOSTILE)('a file path is never %j', (path) => {
    expect(() => parseFilePath(path)).toThrow(ModelValidationError)
  })

  it.each(HOSTILE)('a key is never %j', (key) => {
    expect(() => parseS3Address(`s3://bucket/${key}`)).toThrow(InvalidS3PathError)
  })

  it.each(HOSTILE)('a model is never named %j', (name) => {
    expect(() => parseModelId(name)).toThrow(ModelValidationError)
  })

  it.each(HOSTILE.filter((name) => name !== 'con'))(
    'neither an alias nor an environment is named %j',
    (name) => {
      expect(() => parseAlias(name)).toThrow(ModelValidationError)
      expect(() => parseEnvironment(name)).toThrow(ModelValidationError)
    },
  )

  it.each(['model.json', 'a/b/c.bin', 'группа/модель.onnx', 'with space.txt', '.hidden/file', 'a-b_c.d~e'])(
    'a file path may be %j',
    (path) => {
      expect(parseFilePath(path)).toBe(path)
    },
  )

  it.each(['btc-lstm', 'A', 'team/model', '1.x', 'a'.repeat(128)])('a model may be named %j', (name) => {
    expect(parseModelId(name)).toBe(name)
  })

  it.each(['a/b/c', '-a', '.a', 'a/-b', 'a..b', 'a'.repeat(129), 'mödel', 'a b'])(
    'a model is never named %j',
    (name) => {
      expect(() => parseModelId(name)).toThrow(ModelValidationError)
    },
  )

  it('two models that differ only in case fold to one name', () => {
    expect(foldModelId(parseModelId('Team/BTC'))).toBe(foldModelId(parseModelId('team/btc')))
  })

  it.each(['latest', '1.0.0', 'Champion', '1st'])('an alias is never %j', (alias) => {
    expect(() => parseAlias(alias)).toThrow(ModelValidationError)
  })

  it('tells a version, an alias and latest apart', () => {
    expect(parseVersionRef('1.0.0')).toEqual({ is: 'version', version: '1.0.0' })
    expect(parseVersionRef('champion')).toEqual({ is: 'alias', alias: 'champion' })
    expect(parseVersionRef('latest')).toEqual({ is: 'latest' })
    expect(() => parseVersionRef('1.0')).toThrow(ModelValidationError)
  })
})

describe('S3Address', () => {
  it('has a bucket and a key', () => {
    const address = parseS3Address('s3://trillbot-models/a/b/model.json')
    expect(splitS3Address(address)).toEqual({ bucket: 'trillbot-models', key: 'a/b/model.json' })
    expect(childAddress(address, 'w.bin')).toBe('s3://trillbot-models/a/b/model.json/w.bin')
  })

  it.each([
    ['invalid-path', 'does not start with s3://'],
    ['https://bucket.s3.amazonaws.com/key', 'does not start with s3://'],
    ['S3://bucket/key', 'does not start with s3://'],
    ['s3:///key', 'names no bucket'],
    ['s3://Bucket/key', 'lower-case'],
    ['s3://ab/key', '3 to 63'],
    ['s3://192.168.0.1/key', '3 to 63'],
    ['s3://bucket', 'names no object'],
    ['s3://bucket/', 'names no object'],
    ['s3://bucket/a/../b', 'relative part'],
    [`s3://bucket/${'a/'.repeat(520)}b`, '1024 bytes'],
  ])('refuses %j because it %s', (text, why) => {
    expect(() => parseS3Address(text)).toThrow(why)
  })
})
