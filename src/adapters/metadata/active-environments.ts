import { sql } from 'kysely'
import type { Environment } from '../../domain/environment.js'
import type { Queries, Session } from './engine.js'
import type { Parameters } from './prepared.js'

/** Where a version is active, in the order of names. */
export function activeEnvironments(
  queries: Queries,
): (session: Session, id: number) => Promise<Environment[]> {
  const select = queries.prepare((db, p: Parameters<{ id: number }>) =>
    db
      .selectFrom('deployments')
      .select('environment')
      .where('version_id', '=', p.id)
      .where('status', '=', sql.lit('active'))
      .orderBy('environment'),
  )
  return async (session, id) => (await session.all(select, { id })).map(({ environment }) => environment)
}
