import type { RawBuilder } from 'kysely'
import type { SqlValues } from './prepared.js'

/** Rows that hold the versions which one filter lets through, found by an index. */
export interface FilterRows {
  /** Tables and conditions, without `trained_models v` unless it is the table itself. */
  readonly from: RawBuilder<unknown>
  readonly where: RawBuilder<unknown>
  /** The version's id in those rows. */
  readonly id: RawBuilder<number>
  /** Whether the index gives the rows in the order of ids. */
  readonly inIdOrder: boolean
  /** Whether `from` has `trained_models v` in it. */
  readonly hasVersion: boolean
  /** The same rows as several sets of them, where an index gives the order of ids only within each. */
  readonly parts?: readonly Pick<FilterRows, 'from' | 'where' | 'id'>[]
}

/** One filter of a listing, as rows to start from and as a condition on a version `v`. */
export interface ListFilter {
  readonly name: string
  /** Absent where nothing is gained by starting from it. */
  readonly rows?: FilterRows
  readonly test: RawBuilder<unknown>
  /** Whether `rows` holds more than the filter lets through, so that `test` has to follow. */
  readonly rowsAreCandidates?: boolean
  readonly values: SqlValues
}
