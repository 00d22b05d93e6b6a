import { describe, expect, it } from 'vitest'
import { catalog } from '../errors/catalog.js'
import { localDiskCauses } from '../errors/causes/local-disk.js'
import { sqliteCauses } from '../errors/causes/sqlite.js'
import { findCause } from './find-cause.js'

const store = catalog.S3_UPLOAD_FAILED.causes
const database = catalog.DATABASE_ERROR.causes
const make = (message: string, fields: object, cause?: unknown) =>
  Object.assign(new Error(message, cause === undefined ? undefined : { cause }), fields)

describe('findCause', () => {
  it.each([
    [make('x', { code: 'ENOSPC' }), localDiskCauses, 'disk-full'],
    [make('x', { errcode: 5 }), sqliteCauses, 'sqlite-busy'],
    [make('x', { errcode: 261 }), sqliteCauses, 'sqlite-busy'],
    [make('x', { errcode: 1555 }), database, 'unique-violation'],
    [make('x', { errcode: 1811 }), database, 'constraint-violated'],
    [make('x', { code: '40P01' }), database, 'deadlock'],
    [make('x', { code: '22012' }), database, 'value-invalid'],
    [make('x', { code: 'PGRST205' }), database, 'schema-cache-stale'],
    [make('x', { name: 'SlowDown', $metadata: { httpStatusCode: 503 } }), store, 'throttled'],
    [make('UnknownError', { name: 'Unknown', $metadata: { httpStatusCode: 403 } }), store, 'access-denied'],
    [make('read ECONNRESET', { name: 'TimeoutError', code: 'ECONNRESET' }), store, 'connection-reset'],
    [make('outer', {}, make('inner', { code: 'EROFS' })), localDiskCauses, 'fs-read-only'],
  ])('knows %o', (error, candidates, id) => {
    expect(findCause(error, candidates)?.id).toBe(id)
  })

  it('lets the message choose among causes that share a code, and prove nothing alone', () => {
    const denied = (message: string) => make(message, { name: 'AccessDenied', Code: 'AccessDenied' })
    expect(findCause(denied('Access Denied'), store)?.id).toBe('access-denied')
    expect(findCause(denied('Request has expired'), store)?.id).toBe('signed-url-expired')
    expect(findCause(make('Request has expired', {}), store)).toBeUndefined()
    expect(findCause(make('password authentication failed', {}), database)).toBeUndefined()
  })

  it('ends where a chain does not', () => {
    const error: Error = new Error('round')
    error.cause = new AggregateError([error], 'again', { cause: error })
    expect(findCause(error, store)).toBeUndefined()
  })
})
