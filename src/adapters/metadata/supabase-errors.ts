import { findCause } from '../../diagnosis/find-cause.js'
import type { Cause, ErrorContext } from '../../errors/cause.js'
import { databaseCauses } from '../../errors/causes/groups.js'
import { databaseUnreachable } from '../../errors/causes/postgres-connection.js'
import { databasePermission } from '../../errors/causes/postgres-schema.js'
import { storeClosed } from '../../errors/causes/sqlite.js'
import { apiKeyInvalid, projectPaused, rowLevelSecurity } from '../../errors/causes/supabase.js'
import { DatabaseError } from '../../errors/database-error/error.js'
import type { Outcome } from '../../errors/entry.js'
import { isModelRegistryError, type ModelRegistryError } from '../../errors/model-registry-error.js'
import { SupabaseFailure } from './supabase-calls.js'

/** Where the project is, for errors. */
export type SupabasePlace = Pick<ErrorContext, 'host' | 'role'>

/** Said by the gateway, which gives no code. */
const WORDS: readonly (readonly [RegExp, Cause])[] = [
  [/invalid api key|no api key found/i, apiKeyInvalid],
  [/project .*paused|project is inactive/i, projectPaused],
]

/** What went wrong in `operation` as an error of the catalog; one that is of the catalog stays as it is. */
export function toSupabaseError(
  error: unknown,
  operation: string,
  place: SupabasePlace,
  outcome: Outcome = 'not-applied',
): ModelRegistryError {
  if (isModelRegistryError(error)) return error
  const reason = reasonOf(error)
  return new DatabaseError(
    { operation, ...place },
    { cause: error, outcome, ...(reason === undefined ? {} : { reason }) },
  )
}

export function closedError(operation: string, place: SupabasePlace): DatabaseError {
  return new DatabaseError({ operation, ...place }, { reason: storeClosed })
}

/** Whether the database has undone the change for the sake of another one, so that it can be made again. */
export function isRolledBack(error: unknown): boolean {
  return error instanceof SupabaseFailure && ['40001', '40P01'].includes(error.code ?? '')
}

/** Whether the same request may be answered the next time. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof SupabaseFailure)) return false
  if (error.code !== undefined) return /^(PGRST00[0-3]|08...|57P0[1235])$/.test(error.code)
  // Whoever has waited for as long as one may is told.
  return error.status === 0
    ? !neverSent(error) && !isTimeOut(error)
    : [502, 503, 504, 520, 521, 522, 523, 524].includes(error.status)
}

/** Whether the database may have done what it was asked for, though nobody said so. */
export function isUncertain(error: unknown): boolean {
  if (!(error instanceof SupabaseFailure)) return false
  if (error.status === 0) return !neverSent(error)
  return error.code === undefined ? error.status >= 500 && error.status !== 540 : error.code.startsWith('08')
}

/** Whether Postgres itself has refused the statements, and goes on. */
export function isFromDatabase(error: unknown): boolean {
  return error instanceof SupabaseFailure && /^[0-9A-Z]{5}$/.test(error.code ?? '') && !isPassing(error)
}

function isTimeOut({ cause }: SupabaseFailure): boolean {
  return cause instanceof Error && cause.name === 'TimeoutError'
}

/** The codes with which a connection fails before anything is sent: https://nodejs.org/api/errors.html#nodejs-error-codes */
const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/

function neverSent(error: SupabaseFailure): boolean {
  for (let link: unknown = error.cause; link instanceof Error; link = link.cause)
    if ('code' in link && typeof link.code === 'string' && NEVER_SENT.test(link.code)) return true
  return false
}

function reasonOf(error: unknown): Cause | undefined {
  // One code for both: https://www.postgresql.org/docs/current/ddl-rowsecurity.html
  if (error instanceof SupabaseFailure && error.code === '42501' && /row-level security/.test(error.message))
    return rowLevelSecurity
  if (error instanceof SupabaseFailure && error.code === undefined) {
    const words = WORDS.find(([pattern]) => pattern.test(error.message))?.[1]
    if (words !== undefined) return words
  }
  const reason = findCause(error, databaseCauses)
  if (reason !== undefined || !(error instanceof SupabaseFailure)) return reason
  if (error.code !== undefined) return undefined
  if (error.status === 401) return apiKeyInvalid
  if (error.status === 403) return databasePermission
  return error.status >= 500 ? databaseUnreachable : undefined
}
