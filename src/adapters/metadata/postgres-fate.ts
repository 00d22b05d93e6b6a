import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from 'pg'

const PAUSE_MS = 20
/** How long to ask for the outcome of a COMMIT whose answer was lost. */
const PATIENCE_MS = 10_000
/** `invalid_parameter_value`: no transaction has had that number yet. */
const IN_THE_FUTURE = '22023'

/** `insufficient_privilege`, `undefined_function` and their classes, `feature_not_supported`. */
const NOT_OFFERED = /^(42|0A)/

type Fate = 'committed' | 'aborted'

/** A transaction by the number that the database gave it. */
interface Begun {
  readonly transaction: number
  /** When it was begun, by `performance.now()`. */
  readonly atMs: number
}

/**
 * What became of a transaction; undefined when the database does not say so in time, or cannot tell.
 * https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT
 */
export async function fateOf(pool: Pool, begun: Begun): Promise<Fate | undefined> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      const fate = await statusOf(pool, begun)
      if (fate === 'committed') return await ownerOf(pool, begun)
      if (fate === 'aborted') return fate
    } catch {
      // It may be on its way back, and have room for few at first.
    }
    if (performance.now() > deadline) return undefined
    await delay(PAUSE_MS)
  }
}

/** Null while it goes on, or when it was so long ago that nobody knows. */
async function statusOf(pool: Pool, { transaction }: Begun): Promise<string | null | undefined> {
  try {
    const { rows } = await pool.query<{ fate: string | null }>('select txid_status($1) as fate', [
      transaction,
    ])
    return rows[0]?.fate
  } catch (error) {
    // A crash has lost what was not written yet: a committed transaction is not among it.
    if (codeOf(error) === IN_THE_FUTURE) return 'aborted'
    throw error
  }
}

/**
 * Whether the transaction that committed under the number is ours. A crash loses the numbers of those that were under way,
 * and gives them again. Recovery ends with a checkpoint, which tells the first number that is given afterwards.
 */
async function ownerOf(pool: Pool, { transaction, atMs }: Begun): Promise<Fate | undefined> {
  try {
    const { rows } = await pool.query<{ fate: Fate | null }>(OWNER, [
      transaction,
      Math.ceil(performance.now() - atMs),
    ])
    return rows[0]?.fate ?? undefined
  } catch (error) {
    if (!NOT_OFFERED.test(codeOf(error))) throw error
    // A service that keeps its files in another way has no such checkpoints to tell of, and no such recovery.
    return 'committed'
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-CONTROLDATA; times of checkpoints are in seconds. */
const OWNER = `
  select case
    when checkpoint_time < began - interval '1 second' or first_after > $1::bigint then 'committed'
    when pg_postmaster_start_time() > began then 'aborted'
  end as fate
  from (
    select checkpoint_time, clock_timestamp() - $2::bigint * interval '1 millisecond' as began,
      split_part(next_xid, ':', 1)::bigint * 4294967296 + split_part(next_xid, ':', 2)::bigint as first_after
    from pg_control_checkpoint()
  ) as control`
