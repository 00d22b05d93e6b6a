import type { MetadataStore } from '../../ports/metadata-store.js'
import type { SqlEngine } from './engine.js'
import { lockRows } from './lock-rows.js'

/** Locks that are held from one transaction to another. */
export function locks(
  engine: SqlEngine,
): Pick<MetadataStore, 'acquireLock' | 'findLock' | 'renewLock' | 'releaseLock' | 'releaseExpiredLock'> {
  const { take, find, renew, release, releaseEnded } = lockRows(engine.queries)
  return {
    acquireLock: (request) => engine.writeForNow('acquireLock', (session) => take(session, request)),

    findLock: (modelId, environment) =>
      engine.read('findLock', (session) => find(session, { modelId, environment })),

    renewLock: (lock, leaseMs) => engine.writeForNow('renewLock', (session) => renew(session, lock, leaseMs)),

    releaseExpiredLock: (modelId, environment) =>
      engine.writeForNow('releaseExpiredLock', (session) => releaseEnded(session, { modelId, environment })),

    releaseLock: (lock) => engine.writeForNow('releaseLock', (session) => release(session, lock)),
  }
}
