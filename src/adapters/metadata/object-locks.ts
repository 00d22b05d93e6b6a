import type { Queries, Session } from './engine.js'

/**
 * Between whoever records an object that is there already, and whoever removes objects. A transaction sees only what others
 * have committed, so that neither would see the other: the version would be ready and its bytes gone. Taken before any row
 * is locked, so that nobody waits in a circle, and held to the end of the transaction.
 */
export function objectLocks(queries: Queries) {
  const { lockObjects } = queries.dialect
  const taken = (mode: 'record' | 'remove') => {
    if (lockObjects === undefined) return async () => {}
    const query = queries.prepare(() => lockObjects(mode))
    return async (session: Session) => {
      await session.all(query, {})
    }
  }
  return { toRecord: taken('record'), toRemove: taken('remove') }
}
