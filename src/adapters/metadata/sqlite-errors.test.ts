import { describe, expect, it } from 'vitest'
import { sqliteBusy } from '../../errors/causes/sqlite.js'
import { DatabaseError } from '../../errors/database-error/error.js'
import { isBusy, leavesCommitUnknown, toDatabaseError, toOpenError } from './sqlite-errors.js'

/** As node:sqlite throws it. */
function sqliteError(errcode: number): Error {
  return Object.assign(new Error('what SQLite says'), { code: 'ERR_SQLITE_ERROR', errcode })
}

describe('what SQLite throws', () => {
  it('becomes a DatabaseError with its cause, by primary and by extended result code', () => {
    for (const [errcode, id] of [
      [5, 'sqlite-busy'],
      [261, 'sqlite-busy'],
      [517, 'sqlite-busy'],
      [13, 'sqlite-full'],
      [11, 'sqlite-corrupt'],
      [267, 'sqlite-corrupt'],
      [26, 'sqlite-not-a-database'],
      [14, 'sqlite-cannot-open'],
      [8, 'sqlite-read-only'],
      [1544, 'sqlite-read-only'],
      [10, 'sqlite-io-error'],
      [1034, 'sqlite-io-error'],
      [19, 'constraint-violated'],
      [2067, 'constraint-violated'],
      [1, 'unknown'],
    ] as const) {
      const error = sqliteError(errcode)
      const found = toDatabaseError(error, 'check', '/data/registry.db')
      expect(found).toBeInstanceOf(DatabaseError)
      expect(found).toMatchObject({
        reason: { id },
        cause: error,
        outcome: 'not-applied',
        context: { operation: 'check', localPath: '/data/registry.db' },
      })
    }
  })

  it('stays what it is when it is of the catalog already', () => {
    const error = new DatabaseError({ operation: 'check' }, { reason: sqliteBusy })
    expect(toDatabaseError(error, 'other', '/data/registry.db')).toBe(error)
    expect(toOpenError(error, 'open', '/data/registry.db')).toBe(error)
  })

  it('leaves a commit in doubt only when the disk failed under it', () => {
    expect([10, 1034, 778].map(sqliteError).map(leavesCommitUnknown)).toEqual([true, true, true])
    expect([5, 13, 11, 8, 19].map(sqliteError).some(leavesCommitUnknown)).toBe(false)
    expect([5, 261, 517, 773].map(sqliteError).map(isBusy)).toEqual([true, true, true, true])
    expect([6, 1, 13].map(sqliteError).some(isBusy)).toBe(false)
    expect(isBusy(undefined)).toBe(false)
  })
})

describe('what the file system throws at opening', () => {
  it('becomes the cause that SQLite would have given', () => {
    for (const [code, id] of [
      ['ENOSPC', 'sqlite-full'],
      ['EDQUOT', 'sqlite-full'],
      ['EROFS', 'sqlite-read-only'],
      ['EACCES', 'sqlite-cannot-open'],
      ['ENOTDIR', 'sqlite-cannot-open'],
    ]) {
      const error = Object.assign(new Error('mkdir'), { code, syscall: 'mkdir' })
      expect(toOpenError(error, 'open', '/data/registry.db')).toMatchObject({ reason: { id }, cause: error })
    }
    expect(toOpenError(new TypeError('a mistake'), 'open', '/x')).toMatchObject({ reason: { id: 'unknown' } })
  })
})
