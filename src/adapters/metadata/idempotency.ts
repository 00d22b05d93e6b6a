import { sql } from 'kysely'
import type { IdempotentRequest, IdempotentWork } from '../../ports/idempotent-work.js'
import type { MetadataStore } from '../../ports/metadata-store.js'
import { type SqlEngine, StateChanged } from './engine.js'
import type { Parameters } from './prepared.js'

/** How many forgotten entries are swept out with each new one. */
const SWEEP = 8

/** Answers that are kept so that a repeated request gets the first one's. */
export function idempotency(
  engine: SqlEngine,
): Pick<MetadataStore, 'beginIdempotent' | 'finishIdempotent' | 'renewIdempotent' | 'forgetIdempotent'> {
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
          .limit(sql.lit(SWEEP))
          .modifyEnd(queries.dialect.lockFree),
      ),
  )
  const begin = queries.prepare((db, p: Parameters<IdempotentRequest>) =>
    db
      .insertInto('idempotency_keys')
      .values({
        key: p.key,
        owner: p.owner,
        fingerprint: p.fingerprint,
        keep_ms: p.keepMs,
        expires_at: sql`${now} + ${p.leaseMs}`,
      })
      .onConflict((conflict) =>
        conflict
          .column('key')
          .doUpdateSet((eb) => ({
            owner: eb.ref('excluded.owner'),
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
  const finish = queries.prepare((db, p: Parameters<IdempotentWork & { status: number; body: string }>) =>
    db
      .updateTable('idempotency_keys')
      .set({ status: p.status, body: p.body, expires_at: sql`${now} + keep_ms` })
      .where('key', '=', p.key)
      .where('owner', '=', p.owner)
      .where('status', 'is', null),
  )
  const renew = queries.prepare((db, p: Parameters<IdempotentWork & { leaseMs: number }>) =>
    db
      .updateTable('idempotency_keys')
      .set({ expires_at: sql`${now} + ${p.leaseMs}` })
      .where('key', '=', p.key)
      .where('owner', '=', p.owner)
      .where('status', 'is', null),
  )
  const forget = queries.prepare((db, p: Parameters<IdempotentWork>) =>
    db
      .deleteFrom('idempotency_keys')
      .where('key', '=', p.key)
      .where('owner', '=', p.owner)
      .where('status', 'is', null),
  )

  return {
    beginIdempotent: (request) =>
      engine.write('beginIdempotent', async (session) => {
        await session.run(sweep, {})
        if ((await session.run(begin, request)) > 0) return { is: 'new' }
        const row = await session.first(find, { key: request.key })
        if (row === undefined) throw new StateChanged('a key is neither new nor known')
        if (row.fingerprint !== request.fingerprint) return { is: 'mismatch' }
        if (row.status === null || row.body === null) return { is: 'in-progress' }
        return { is: 'done', status: row.status, body: row.body }
      }),

    finishIdempotent: ({ key, owner }, { status, body }) =>
      engine.write('finishIdempotent', async (session) => {
        await session.run(finish, { key, owner, status, body })
      }),

    renewIdempotent: ({ key, owner }, leaseMs) =>
      engine.write(
        'renewIdempotent',
        async (session) => (await session.run(renew, { key, owner, leaseMs })) > 0,
      ),

    forgetIdempotent: ({ key, owner }) =>
      engine.write('forgetIdempotent', async (session) => {
        await session.run(forget, { key, owner })
      }),
  }
}
