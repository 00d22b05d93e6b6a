import type { ErrorContext } from '../../../errors/cause.js'
import { schemaNewer, schemaOlder } from '../../../errors/causes/sqlite.js'
import { DatabaseError } from '../../../errors/database-error/error.js'
import type { MigrationMode } from '../migration-mode.js'
import type { Migration } from './migration.js'

/** A migration that a database has, as it was recorded there. */
export interface Applied extends Pick<Migration, 'number' | 'name' | 'checksum'> {
  /** The version of modelry that applied it, where that was recorded. */
  readonly program?: string
}

/** How far the tables of a database are, in the order of the numbers. */
export interface SchemaState {
  /** The schema that holds the tables, where the database has several. */
  readonly schema?: string
  readonly applied: readonly Applied[]
  /** What this program would run. */
  readonly missing: readonly Migration[]
  /** What this program does not know: a later one has made it. */
  readonly newer: readonly Applied[]
}

type Place = Omit<ErrorContext, 'operation'>

/**
 * @param recorded - in the order of their numbers.
 * @throws DatabaseError when one of them is not what this program knows under its number.
 */
export function compareSchema(
  known: readonly Migration[],
  recorded: readonly Applied[],
  place: Place,
): SchemaState {
  const knownOf = ({ number }: Applied) => known.find((candidate) => candidate.number === number)
  for (const one of recorded) {
    const expected = knownOf(one)?.checksum
    if (expected !== undefined && expected !== one.checksum)
      throw new DatabaseError(
        { operation: 'open', ...place, expected, actual: one.checksum },
        {
          cause: new Error(
            `migration ${one.number} (${one.name}) of the database is not the one of this program`,
          ),
        },
      )
  }
  return {
    applied: recorded.filter((one) => knownOf(one) !== undefined),
    missing: known.filter(({ number }) => !recorded.some((done) => done.number === number)),
    newer: recorded.filter((one) => knownOf(one) === undefined),
  }
}

/**
 * The migrations of this program that a database does not have yet.
 *
 * @param mode - `check` where none may be run.
 * @throws DatabaseError with reason `schema-newer` when it has some that this program does not know, and `schema-older`
 * when it lacks some that may not be run.
 */
export function missingOf(
  known: readonly Migration[],
  recorded: readonly Applied[],
  place: Place,
  mode: MigrationMode = 'auto',
): readonly Migration[] {
  const { missing, newer } = compareSchema(known, recorded, place)
  const context = { operation: 'open', ...place, expected: known.at(-1)?.number ?? 0 }
  const last = newer.at(-1)
  if (last !== undefined) {
    const { number: actual, program } = last
    throw new DatabaseError(
      { ...context, actual, ...(program === undefined ? {} : { program }) },
      { reason: schemaNewer },
    )
  }
  if (mode === 'check' && missing.length > 0)
    throw new DatabaseError({ ...context, actual: recorded.at(-1)?.number ?? 0 }, { reason: schemaOlder })
  return missing
}
