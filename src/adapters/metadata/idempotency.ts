import { sql } from 'kysely'
import type { IdempotentRequest, MetadataStore } from '../../ports/metadata-store.js'
import type { SqlEngine } from './engine.js'
import type { Parameters } from './prepared.js'

/** How many forgotten entries are swept out with each new one. */
const SWEEP = 8

/** Answers that are kept so that a repeated request gets the first one's. */
export function idempotency(
  engine: SqlEngine,
): Pick<MetadataStore, 'beginIdempotent' | 'finishIdempotent' | 'forgetIdempotent'> {
  const { queries } = engine
  const { now } = queries.dialect

  const sweep = queries.prepare((db) =>
    db
      .deleteFrom('idempotency_keys')
      .where('key', 'in', (eb) =>
        eb
          .selectFrom('idempotency_keys')
          .select('key')
          .where('expires_at', '<=', now)
          .orderBy('expires_at')
          .limit(sql.lit(SWEEP)),
      ),
  )
  const begin = queries.prepare((db, p: Parameters<IdempotentRequest>) =>
    db
      .insertInto('idempotency_keys')
      .values({
        key: p.key,
        fingerprint: p.fingerprint,
        keep_ms: p.keepMs,
        expires_at: sql`${now} + ${p.leaseMs}`,
      })
      .onConflict((conflict) =>
        conflict
          .column('key')
          .doUpdateSet((eb) => ({
            fingerprint: eb.ref('excluded.fingerprint'),
            keep_ms: eb.ref('excluded.keep_ms'),
            expires_at: eb.ref('excluded.expires_at'),
            status: null,
            body: null,
          }))
          .where('idempotency_keys.expires_at', '<=', now),
      ),
  )
  const find = queries.prepare((db, p: Parameters<{ key: string }>) =>
    db.selectFrom('idempotency_keys').select(['fingerprint', 'status', 'body']).where('key', '=', p.key),
  )
  const finish = queries.prepare((db, p: Parameters<{ key: string; status: number; body: string }>) =>
    db
      .updateTable('idempotency_keys')
      .set({ status: p.status, body: p.body, expires_at: sql`${now} + keep_ms` })
      .where('key', '=', p.key)
      .where('status', 'is', null),
  )
  const forget = queries.prepare((db, p: Parameters<{ key: string }>) =>
    db.deleteFrom('idempotency_keys').where('key', '=', p.key).where('status', 'is', null),
  )

  return {
    beginIdempotent: (request) =>
      engine.write('beginIdempotent', async (session) => {
        await session.run(sweep, {})
        if ((await session.run(begin, request)) > 0) return { is: 'new' }
        const row = await session.first(find, { key: request.key })
        if (row === undefined) throw new TypeError('a key is neither new nor known')
        if (row.fingerprint !== request.fingerprint) return { is: 'mismatch' }
        if (row.status === null || row.body === null) return { is: 'in-progress' }
        return { is: 'done', status: row.status, body: row.body }
      }),

    finishIdempotent: (key, { status, body }) =>
      engine.write('finishIdempotent', async (session) => {
        await session.run(finish, { key, status, body })
      }),

    forgetIdempotent: (key) =>
      engine.write('forgetIdempotent', async (session) => {
        await session.run(forget, { key })
      }),
  }
}
