import type { ErrorContext } from '../../../errors/cause.js'
import { schemaNewer } from '../../../errors/causes/sqlite.js'
import { DatabaseError } from '../../../errors/database-error/error.js'
import type { Migration } from './migration.js'

/** A migration that a database has, as it was recorded there. */
export type Applied = Pick<Migration, 'number' | 'name' | 'checksum'>

/** How far the tables of a database are. */
export interface SchemaState {
  readonly applied: readonly Applied[]
  /** What this program would run, in order. */
  readonly missing: readonly Migration[]
}

/**
 * The migrations of this program that a database does not have yet.
 *
 * @param applied - in the order of their numbers.
 * @throws DatabaseError with reason `schema-newer` when it has some that this program does not know.
 */
export function missingOf(
  known: readonly Migration[],
  applied: readonly Applied[],
  place: Omit<ErrorContext, 'operation'>,
): Migration[] {
  for (const { number, name, checksum } of applied) {
    const migration = known.find((candidate) => candidate.number === number)
    if (migration === undefined)
      throw new DatabaseError(
        { operation: 'open', ...place, expected: known.at(-1)?.number ?? 0, actual: applied.at(-1)?.number },
        { reason: schemaNewer },
      )
    if (migration.checksum !== checksum)
      throw new DatabaseError(
        { operation: 'open', ...place, expected: migration.checksum, actual: checksum },
        { cause: new Error(`migration ${number} (${name}) of the database is not the one of this program`) },
      )
  }
  return known.filter(({ number }) => !applied.some((done) => done.number === number))
}
