import { describe, expect, it } from 'vitest'
import { S3UploadError } from '../errors/index.js'
import { createLogger, type LoggerOptions, logger } from './index.js'

function logged(level?: LoggerOptions['level']) {
  const lines: string[] = []
  const log = createLogger({ level, to: { write: (line) => void lines.push(line) } })
  return { log, lines: () => lines.map((line): Record<string, unknown> => JSON.parse(line)) }
}

describe('the logger', () => {
  it('takes the message first, and writes one JSON object a line', () => {
    const { log, lines } = logged()
    log.error('Model save failed', { modelId: 'btc-lstm', attempt: 2 })
    expect(lines()).toEqual([
      {
        level: 'error',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        modelId: 'btc-lstm',
        attempt: 2,
        msg: 'Model save failed',
      },
    ])
  })

  it('takes the wire form of an error as fields, and an error as a field', () => {
    const { log, lines } = logged()
    const error = new S3UploadError({ s3Path: 's3://models/a.json' })
    log.error('Model save failed', { ...error.toJSON(), environment: 'test' })
    log.warn('again', { error, other: new Error('outer', { cause: new TypeError('inner') }) })
    expect(lines()).toMatchObject([
      { code: 'S3_UPLOAD_FAILED', message: error.message, environment: 'test', msg: 'Model save failed' },
      {
        error: { code: 'S3_UPLOAD_FAILED' },
        other: { name: 'Error', message: 'outer', cause: { message: 'inner' } },
      },
    ])
  })

  it('masks what is secret, in the message and in every field', () => {
    const { log, lines } = logged()
    const canary = 'AKIAIOSFODNN7EXAMPLE'
    log.info(`key ${canary}`, {
      key: canary,
      deep: { list: [canary] },
      password: 'hunter2',
      error: new Error(canary),
    })
    expect(JSON.stringify(lines())).not.toMatch(/AKIAIOSFODNN7EXAMPLE|hunter2/)
  })

  it('keeps a field apart that has the name of what every line has', () => {
    const { log, lines } = logged()
    log.info('one', { level: 'mine', time: 'noon', msg: 'other' })
    expect(lines()).toMatchObject([
      { level: 'info', msg: 'one', _level: 'mine', _time: 'noon', _msg: 'other' },
    ])
  })

  it('leaves out what is below its level, and gives its fields to its children', () => {
    const { log, lines } = logged('warn')
    log.info('no')
    log.child({ job: 7 }).child({ step: 'save' }).warn('yes', { step: 'load' })
    expect(lines()).toMatchObject([{ msg: 'yes', job: 7, step: 'load' }])
    const silent = logged('silent')
    silent.log.error('nothing')
    expect(silent.lines()).toEqual([])
    expect(logger.error).toBeTypeOf('function')
  })
})
