import { findCause } from '../../diagnosis/find-cause.js'
import type { Cause } from '../../errors/cause.js'
import {
  databaseFileGone,
  sqliteCannotOpen,
  sqliteCauses,
  sqliteFull,
  sqliteReadOnly,
  storeClosed,
} from '../../errors/causes/sqlite.js'
import { DatabaseError } from '../../errors/database-error/error.js'
import type { Outcome } from '../../errors/entry.js'
import { isModelRegistryError, type ModelRegistryError } from '../../errors/model-registry-error.js'

/** Primary result codes: https://www.sqlite.org/rescode.html */
const BUSY = 5
const IO_ERROR = 10

/** What went wrong in `operation` as an error of the catalog; one that is of the catalog stays as it is. */
export function toDatabaseError(
  error: unknown,
  operation: string,
  localPath: string,
  outcome: Outcome = 'not-applied',
): ModelRegistryError {
  if (isModelRegistryError(error)) return error
  const reason = findCause(error, sqliteCauses)
  return new DatabaseError(
    { operation, localPath },
    { cause: error, outcome, ...(reason === undefined ? {} : { reason }) },
  )
}

/** The same where the file, or the folder for it, could not be made: then the file system speaks, not SQLite. */
export function toOpenError(error: unknown, operation: string, localPath: string): ModelRegistryError {
  if (isModelRegistryError(error)) return error
  const reason = findCause(error, sqliteCauses) ?? causeOfErrno(error)
  return new DatabaseError(
    { operation, localPath },
    { cause: error, ...(reason === undefined ? {} : { reason }) },
  )
}

function causeOfErrno(error: unknown): Cause | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') return sqliteFull
  return error.code === 'EROFS' ? sqliteReadOnly : sqliteCannotOpen
}

export function closedError(operation: string, localPath: string): DatabaseError {
  return new DatabaseError({ operation, localPath }, { reason: storeClosed })
}

export function fileGoneError(operation: string, localPath: string): DatabaseError {
  return new DatabaseError({ operation, localPath }, { reason: databaseFileGone })
}

export function isBusy(error: unknown): boolean {
  return primaryCode(error) === BUSY
}

/**
 * Whether a COMMIT that failed so may have reached the disk all the same: the sync failed after the pages were written.
 */
export function leavesCommitUnknown(error: unknown): boolean {
  return primaryCode(error) === IO_ERROR
}

/** An extended result code holds the primary one in its low eight bits. */
function primaryCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined
}
