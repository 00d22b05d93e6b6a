import type { Alias } from '../../domain/alias.js'
import type { Environment } from '../../domain/environment.js'
import { type ModelRecord, type RecordText, toRecordText } from '../../domain/model-record.js'
import type { Queries, Session } from './engine.js'
import type { Parameters } from './prepared.js'
import { type RecordRow, toRecord } from './record.js'

/** What moves from version to version. */
export interface Mark {
  readonly aliases?: Alias
  readonly environments?: Environment
}

/**
 * Writes the records of versions that gain or lose an alias or an environment: what else they say is taken as it stands,
 * and not gathered from the tables again. Each row was read by a query that lets nobody else change it meanwhile.
 */
export function recordMarks(queries: Queries) {
  const write = queries.prepare((db, p: Parameters<{ id: number; record: RecordText }>) =>
    db.updateTable('trained_models').set({ record: p.record }).where('id', '=', p.id),
  )
  const rewrite = async (session: Session, row: RecordRow, change: (record: ModelRecord) => void) => {
    const record = toRecord(row)
    change(record)
    await session.run(write, { id: row.id, record: toRecordText(record) })
    return record
  }
  return {
    /** @returns the record with the mark. */
    add: (session: Session, row: RecordRow, { aliases, environments }: Mark) =>
      rewrite(session, row, (record) => {
        if (aliases !== undefined) record.aliases = [...new Set([...record.aliases, aliases])].sort()
        if (environments !== undefined)
          record.environments = [...new Set([...record.environments, environments])].sort()
        record.deploymentStatus = statusOf(record)
      }),
    /** @returns the record without the mark. */
    remove: (session: Session, row: RecordRow, mark: Mark) =>
      rewrite(session, row, (record) => {
        record.aliases = record.aliases.filter((name) => name !== mark.aliases)
        record.environments = record.environments.filter((name) => name !== mark.environments)
        record.deploymentStatus = statusOf(record)
      }),
  }
}

/** @see deploymentStatuses */
export function statusOf({
  archivedAt,
  environments,
}: {
  readonly archivedAt?: unknown
  readonly environments: readonly string[]
}): ModelRecord['deploymentStatus'] {
  if (archivedAt !== undefined) return 'archived'
  return environments.length > 0 ? 'active' : 'inactive'
}
