import { sql } from 'kysely'
import type { DeploymentLock, HeldLock, LockAnswer, LockRequest } from '../../ports/metadata-store.js'
import { type Queries, type Session, StateChanged } from './engine.js'
import { leaseEnded, leaseLeft } from './leases.js'
import type { Parameters } from './prepared.js'
import type { Schema } from './schema.js'

/** The row of a lock: there is one for each (model, environment), held until its lease ends. */
export function lockRows(queries: Queries) {
  const { now } = queries.dialect

  // One statement decides: a free name is inserted, an ended lease is taken over, anything else changes no row.
  const acquire = queries.prepare((db, p: Parameters<LockRequest>) =>
    db
      .insertInto('deployment_locks')
      .values({
        model_id: p.modelId,
        environment: p.environment,
        lock_id: p.lockId,
        holder: p.holder,
        purpose: p.purpose,
        expires_at: sql`${now} + ${p.leaseMs}`,
        lease_ms: p.leaseMs,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['model_id', 'environment'])
          .doUpdateSet((eb) => ({
            lock_id: eb.ref('excluded.lock_id'),
            holder: eb.ref('excluded.holder'),
            purpose: eb.ref('excluded.purpose'),
            expires_at: eb.ref('excluded.expires_at'),
            lease_ms: eb.ref('excluded.lease_ms'),
          }))
          .where((eb) =>
            eb.or([
              leaseEnded(now, {
                expiresAt: eb.ref('deployment_locks.expires_at'),
                leaseMs: eb.ref('deployment_locks.lease_ms'),
              }),
              // The same acquisition asks again, after an answer that was lost.
              eb('deployment_locks.lock_id', '=', eb.ref('excluded.lock_id')),
            ]),
          ),
      ),
  )
  const holder = queries.prepare(
    (db, p: Parameters<Pick<Schema['deployment_locks'], 'model_id' | 'environment'>>) =>
      db
        .selectFrom('deployment_locks')
        .select((eb) => [
          'holder',
          'purpose',
          leaseLeft(now, { expiresAt: eb.ref('expires_at'), leaseMs: eb.ref('lease_ms') }).as(
            'expires_in_ms',
          ),
        ])
        .where('model_id', '=', p.model_id)
        .where('environment', '=', p.environment),
  )
  const renew = queries.prepare((db, p: Parameters<DeploymentLock & { leaseMs: number }>) =>
    db
      .updateTable('deployment_locks')
      .set({ expires_at: sql`${now} + ${p.leaseMs}`, lease_ms: p.leaseMs })
      .where('model_id', '=', p.modelId)
      .where('environment', '=', p.environment)
      .where('lock_id', '=', p.lockId)
      .where('expires_at', '>', now),
  )
  const releaseEnded = queries.prepare(
    (db, p: Parameters<Pick<Schema['deployment_locks'], 'model_id' | 'environment'>>) =>
      db
        .deleteFrom('deployment_locks')
        .where('model_id', '=', p.model_id)
        .where('environment', '=', p.environment)
        .where((eb) => leaseEnded(now, { expiresAt: eb.ref('expires_at'), leaseMs: eb.ref('lease_ms') }))
        .returning(['holder', 'purpose']),
  )
  const release = queries.prepare((db, p: Parameters<DeploymentLock>) =>
    db
      .deleteFrom('deployment_locks')
      .where('model_id', '=', p.modelId)
      .where('environment', '=', p.environment)
      .where('lock_id', '=', p.lockId),
  )

  const holderOf = (
    session: Session,
    { modelId, environment }: Pick<DeploymentLock, 'modelId' | 'environment'>,
  ) => session.first(holder, { model_id: modelId, environment })

  return {
    /** Whether there is a row, be its lease ended or not. */
    async isTaken(
      session: Session,
      place: Pick<DeploymentLock, 'modelId' | 'environment'>,
    ): Promise<boolean> {
      return (await holderOf(session, place)) !== undefined
    },

    async take(session: Session, request: LockRequest): Promise<LockAnswer> {
      if ((await session.run(acquire, request)) > 0) return { is: 'acquired' }
      const row = await holderOf(session, request)
      if (row === undefined) throw new StateChanged('a lock is neither free nor held')
      return { is: 'held', ...toHeld(row) }
    },

    async find(
      session: Session,
      place: Pick<DeploymentLock, 'modelId' | 'environment'>,
    ): Promise<HeldLock | undefined> {
      const row = await holderOf(session, place)
      return row === undefined || row.expires_in_ms <= 0 ? undefined : toHeld(row)
    },

    async renew(session: Session, lock: DeploymentLock, leaseMs: number): Promise<boolean> {
      return (await session.run(renew, { ...lock, leaseMs })) > 0
    },

    async releaseEnded(
      session: Session,
      { modelId, environment }: Pick<DeploymentLock, 'modelId' | 'environment'>,
    ): Promise<HeldLock | undefined> {
      const row = await session.first(releaseEnded, { model_id: modelId, environment })
      return row === undefined ? undefined : { ...row, expiresInMs: 0 }
    },

    async release(session: Session, lock: DeploymentLock): Promise<void> {
      await session.run(release, lock)
    },
  }
}

function toHeld({
  holder,
  purpose,
  expires_in_ms,
}: Omit<HeldLock, 'expiresInMs'> & { expires_in_ms: number }) {
  return { holder, purpose, expiresInMs: expires_in_ms }
}
