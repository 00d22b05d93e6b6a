import type { Environment } from '../../domain/environment.js'
import type { Sha256 } from '../../domain/sha256.js'
import type { MetadataStore } from '../../ports/metadata-store.js'
import type { Queries, Session, SqlEngine } from './engine.js'
import type { RecordFinder } from './find-record.js'
import type { RecordKeeper } from './keep-record.js'
import type { Parameters } from './prepared.js'
import { toRecord } from './record.js'
import type { Recorder } from './record-history.js'

type Name = { id: number; environment: Environment; approvedBy: string }

/** Who has approved the version `id` for an environment, in the order of names. */
export function approvers(
  queries: Queries,
): (session: Session, of: Omit<Name, 'approvedBy'>) => Promise<string[]> {
  const select = queries.prepare((db, p: Parameters<Omit<Name, 'approvedBy'>>) =>
    db
      .selectFrom('approvals')
      .innerJoin('trained_models', 'trained_models.id', 'approvals.version_id')
      .select('approvals.approved_by')
      .where('approvals.version_id', '=', p.id)
      .where('approvals.environment', '=', p.environment)
      .whereRef('approvals.digest', '=', 'trained_models.digest')
      .orderBy('approvals.approved_by'),
  )
  return async (session, of) => (await session.all(select, of)).map(({ approved_by }) => approved_by)
}

/** Who says that a version may become active in an environment. */
export function approvals(
  engine: SqlEngine,
  records: RecordFinder,
  keep: RecordKeeper,
  record: Recorder,
): Pick<MetadataStore, 'approve' | 'revokeApproval'> {
  const { queries } = engine
  const insert = queries.prepare((db, p: Parameters<Name & { digest: Sha256 }>) =>
    db
      .insertInto('approvals')
      .values({
        version_id: p.id,
        environment: p.environment,
        approved_by: p.approvedBy,
        digest: p.digest,
        approved_at: queries.dialect.now,
      })
      .onConflict((conflict) => conflict.columns(['version_id', 'environment', 'approved_by']).doNothing()),
  )
  const remove = queries.prepare((db, p: Parameters<Name>) =>
    db
      .deleteFrom('approvals')
      .where('version_id', '=', p.id)
      .where('environment', '=', p.environment)
      .where('approved_by', '=', p.approvedBy),
  )

  return {
    approve: (modelId, version, environment, actor) =>
      engine.write('approve', async (session) => {
        const row = await records.byVersionToChange(session, modelId, version)
        if (row === undefined) return undefined
        const before = toRecord(row)
        const { digest } = before
        if ((await session.run(insert, { id: row.id, environment, approvedBy: actor, digest })) === 0)
          return before
        await record(session, {
          actor,
          action: 'approved',
          modelId,
          version,
          environment,
          details: { digest },
        })
        return keep(session, row.id)
      }),

    revokeApproval: (modelId, version, environment, approvedBy, actor) =>
      engine.write('revokeApproval', async (session) => {
        const row = await records.byVersionToChange(session, modelId, version)
        if (row === undefined) return undefined
        if ((await session.run(remove, { id: row.id, environment, approvedBy })) === 0) return toRecord(row)
        await record(session, {
          actor,
          action: 'approval-revoked',
          modelId,
          version,
          environment,
          details: { approvedBy },
        })
        return keep(session, row.id)
      }),
  }
}
