import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from 'pg'

const PAUSE_MS = 20
/** How long to ask for the outcome of a COMMIT whose answer was lost. */
const PATIENCE_MS = 10_000
/** `invalid_parameter_value`: no transaction has had that number yet. */
const IN_THE_FUTURE = '22023'
/** `insufficient_privilege`, `undefined_function`, `feature_not_supported`: asking again gives the same. */
const NOT_TOLD = ['42501', '42883', '0A000']

type Fate = 'committed' | 'aborted'

/** What a server is from one recovery to the next. */
interface Incarnation {
  readonly started: string
  readonly recovery: string | null
}

/** A transaction by the number that the database gave it, and what gave it. */
export interface Begun extends Incarnation {
  readonly transaction: number
}

/**
 * The columns of `Incarnation`, for whoever may connect. After a crash of one process the server recovers without starting
 * anew. The statistics of what all processes share begin anew with each recovery after a crash, are kept when the server is
 * shut down and started, and otherwise begin anew with `pg_stat_reset_shared()` alone.
 * https://www.postgresql.org/docs/current/monitoring-stats.html
 */
export const INCARNATION = `
  extract(epoch from pg_postmaster_start_time())::text as started,
  (select extract(epoch from stats_reset)::text from pg_stat_bgwriter) as recovery`

/**
 * What became of a transaction; undefined when the database does not say so in time, or cannot tell.
 *
 * A crash loses the numbers of transactions that were under way, and gives them to others afterwards. So `committed` is
 * ours only where no recovery lies in between, or where it is known which numbers were given after it.
 * https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT
 */
export async function fateOf(pool: Pool, begun: Begun): Promise<Fate | undefined> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      const found = await statusOf(pool, begun)
      if (found.fate === 'aborted') return 'aborted'
      if (found.fate === 'committed') {
        if (isSame(found, begun)) return 'committed'
        const owner = await ownerOf(pool, begun)
        // Of another recovery since then the first answer did not know.
        if (isSame(owner, found)) return owner.fate ?? undefined
      }
    } catch (error) {
      if (NOT_TOLD.includes(codeOf(error))) return undefined
      // It may be on its way back, and have room for few at first.
    }
    if (performance.now() > deadline) return undefined
    await delay(PAUSE_MS)
  }
}

interface Answer extends Incarnation {
  /** Null while it goes on, when it was so long ago that nobody knows, and from a standby, which may be behind. */
  readonly fate: Fate | null
}

async function statusOf(pool: Pool, { transaction, ...begun }: Begun): Promise<Answer> {
  try {
    return await one(pool, STATUS, [transaction])
  } catch (error) {
    // A crash has lost what was not written yet: a committed transaction is not among it.
    if (codeOf(error) === IN_THE_FUTURE) return { ...begun, fate: 'aborted' }
    throw error
  }
}

/** Whether the transaction that committed under the number is ours; null when that cannot be told. */
async function ownerOf(pool: Pool, { transaction, recovery }: Begun): Promise<Answer> {
  return one(pool, OWNER, [transaction, recovery])
}

async function one(pool: Pool, query: string, values: readonly unknown[]): Promise<Answer> {
  const { rows } = await pool.query<Answer>(query, [...values])
  const [row] = rows
  if (row === undefined) throw new TypeError('a query for one row gave none')
  return row
}

function isSame(one: Incarnation, other: Incarnation): boolean {
  return one.started === other.started && one.recovery !== null && one.recovery === other.recovery
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

const STATUS = `
  select case when not pg_is_in_recovery() then txid_status($1::bigint) end as fate, ${INCARNATION}`

/**
 * The recovery after a crash, and a shutdown, end with a checkpoint that nothing is written beside, so that it begins where
 * its record is; it tells the first number that is given afterwards. Recovery begins the statistics, then makes that
 * checkpoint, whose time is in whole seconds; before version 15 they begin right after it, and where a new second lies in
 * between it cannot be told. Another checkpoint since then hides it. A standby that is promoted begins a
 * timeline without such a checkpoint. Where little is logged, any checkpoint may begin where its record is.
 * https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-CONTROLDATA
 */
const OWNER = `
  select ${INCARNATION}, case
    when not is_last or is_elsewhere or current_setting('wal_level') = 'minimal' then null
    when first_after > $1::bigint and (is_recovery or extract(epoch from stats_reset)::text = $2::text) then 'committed'
    when first_after <= $1::bigint and is_recovery then 'aborted'
  end as fate
  from (
    select stats_reset, checkpoint_lsn = redo_lsn as is_last,
      stats_reset >= pg_postmaster_start_time() and stats_reset < checkpoint_time + interval '1 second' as is_recovery,
      lpad(upper(to_hex(timeline_id)), 8, '0') <> left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) as is_elsewhere,
      split_part(next_xid, ':', 1)::bigint * 4294967296 + split_part(next_xid, ':', 2)::bigint as first_after
    from pg_control_checkpoint(), pg_stat_bgwriter
  ) as control`
