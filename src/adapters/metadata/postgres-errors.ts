import { findCause } from '../../diagnosis/find-cause.js'
import type { Cause, ErrorContext } from '../../errors/cause.js'
import { databaseCauses } from '../../errors/causes/groups.js'
import { connectionReset, timedOut } from '../../errors/causes/network.js'
import { authenticationFailed, tlsNotOffered } from '../../errors/causes/postgres-access.js'
import { poolExhausted } from '../../errors/causes/postgres-connection.js'
import { storeClosed } from '../../errors/causes/sqlite.js'
import { DatabaseError } from '../../errors/database-error/error.js'
import type { Outcome } from '../../errors/entry.js'
import { isModelRegistryError, type ModelRegistryError } from '../../errors/model-registry-error.js'

/** Where the database is, for errors. */
export type PostgresPlace = Pick<ErrorContext, 'host' | 'port' | 'database' | 'role'>

/** Raised by the driver itself, which gives them no code. */
const WORDS: readonly (readonly [RegExp, Cause])[] = [
  [/^Connection terminated due to connection timeout|^Query read timeout/, timedOut],
  [/^timeout exceeded when trying to connect/, poolExhausted],
  [/^The server does not support SSL connections/, tlsNotOffered],
  [/client password must be a string|^SASL/, authenticationFailed],
  [/^Connection terminated|is not queryable/, connectionReset],
]

const NO_PASSWORD = /client password must be a (?:non-empty )?string/
const WANTS_PASSWORD =
  'the server asks for a password, and neither the address nor PGPASSWORD nor ~/.pgpass has one'

/** What went wrong in `operation` as an error of the catalog; one that is of the catalog stays as it is. */
export function toPostgresError(
  error: unknown,
  operation: string,
  place: PostgresPlace,
  outcome: Outcome = 'not-applied',
): ModelRegistryError {
  if (isModelRegistryError(error)) return error
  const reason = findCause(error, databaseCauses) ?? causeOfWords(error)
  const lacksPassword = reason === authenticationFailed && NO_PASSWORD.test(Object(error).message)
  return new DatabaseError(
    { operation, ...place, ...partsOf(error), ...(lacksPassword ? { problem: 'no-password' } : {}) },
    {
      cause: lacksPassword ? new Error(WANTS_PASSWORD) : error,
      outcome,
      ...(reason === undefined ? {} : { reason }),
    },
  )
}

export function closedError(operation: string, place: PostgresPlace): DatabaseError {
  return new DatabaseError({ operation, ...place }, { reason: storeClosed })
}

/** Whether the database has undone the transaction for the sake of another one, so that it can be done again. */
export function isRolledBack(error: unknown): boolean {
  return ['40001', '40P01'].includes(sqlStateOf(error) ?? '')
}

/** Whether the connection is gone, or never was: what it would have answered nobody knows. */
export function isConnectionLost(error: unknown): boolean {
  const state = sqlStateOf(error)
  if (state !== undefined) return /^(08|57P0[1235]|25P03)/.test(state)
  // What comes from a socket has a code of its own, and what the driver finds out has none.
  return error instanceof Error && !isModelRegistryError(error) && !(error instanceof TypeError)
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html; undefined where the server has not spoken. */
function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

function causeOfWords(error: unknown): Cause | undefined {
  if (!(error instanceof Error) || sqlStateOf(error) !== undefined) return undefined
  return WORDS.find(([words]) => words.test(error.message))?.[1]
}

/** What the server names. */
function partsOf(error: unknown): Pick<ErrorContext, 'table' | 'column' | 'constraint'> {
  const part = (name: 'table' | 'column' | 'constraint') => {
    const value: unknown = error instanceof Error ? Reflect.get(error, name) : undefined
    return typeof value === 'string' && value !== '' ? { [name]: value } : {}
  }
  return { ...missingTable(error), ...part('table'), ...part('column'), ...part('constraint') }
}

/** The server names it in its message alone, in the quotes of its language. */
function missingTable(error: unknown): Pick<ErrorContext, 'table'> {
  const [, table] =
    (sqlStateOf(error) === '42P01' && /["»«„“]\s?([^"«»“”]+?)\s?["«»“”]/.exec(Object(error).message)) || []
  return table === undefined ? {} : { table }
}

/** Whether the server has no TLS to offer. */
export function isNotOffered(error: unknown): boolean {
  return causeOfWords(error) === tlsNotOffered
}
