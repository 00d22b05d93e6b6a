import { type Expression, type RawBuilder, sql } from 'kysely'

/**
 * The columns of a lease: when it ends, and how long it was when it was written; null for one that is older than the
 * column, which is then taken for as long as the configuration allows, a day.
 */
interface Lease {
  readonly expiresAt: Expression<number | null>
  readonly leaseMs: Expression<number | null>
}

/**
 * Whether a lease has ended.
 *
 * One that ends later than twice its own length from now on was written by a clock that was ahead, and has ended too: it
 * would block others for as long as that clock was wrong. Twice, so that a clock that is set back a little takes nothing
 * from somebody who lives; a lease that is renewed is right again by then. Taking one over is safe in any case: whoever
 * held it can no longer commit.
 */
export function leaseEnded(now: RawBuilder<number>, { expiresAt, leaseMs }: Lease): RawBuilder<boolean> {
  return sql<boolean>`(${expiresAt} <= ${now} or ${expiresAt} > ${now} + ${longest(leaseMs)})`
}

/** How long a lease lasts, in milliseconds; 0 or less once it has ended. */
export function leaseLeft(now: RawBuilder<number>, { expiresAt, leaseMs }: Lease): RawBuilder<number> {
  return sql<number>`case when ${expiresAt} > ${now} + ${longest(leaseMs)} then 0 else coalesce(${expiresAt} - ${now}, 0) end`
}

function longest(leaseMs: Expression<number | null>): RawBuilder<number> {
  return sql<number>`2 * coalesce(${leaseMs}, 86400000)`
}
