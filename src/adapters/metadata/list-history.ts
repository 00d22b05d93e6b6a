import type { HistoryEntry } from '../../domain/history.js'
import type { ModelId } from '../../domain/model-id.js'
import type { Version } from '../../domain/version.js'
import type { MetadataStore } from '../../ports/metadata-store.js'
import { pageOf, readCursor } from './cursor.js'
import type { Session, SqlEngine } from './engine.js'
import { toIso } from './keep-record.js'
import type { Parameters } from './prepared.js'
import type { Recorder } from './record-history.js'
import type { Schema } from './schema.js'

type Row = Omit<Schema['history'], 'sequence'> & { sequence: number }
type Filter = { modelId?: ModelId | undefined; version?: Version | undefined }
type Window = { before: number; limit: number }

/** Who did what, newest first. */
export function history(
  engine: SqlEngine,
  record: Recorder,
): Pick<MetadataStore, 'listHistory' | 'recordBreakerReset'> {
  const { queries } = engine

  const all = queries.prepare((db, p: Parameters<Window>) =>
    db
      .selectFrom('history')
      .selectAll()
      .where('sequence', '<', p.before)
      .orderBy('sequence', 'desc')
      .limit(p.limit),
  )
  const ofModel = queries.prepare((db, p: Parameters<Window & { modelId: ModelId }>) =>
    db
      .selectFrom('history')
      .selectAll()
      .where('model_id', '=', p.modelId)
      .where('sequence', '<', p.before)
      .orderBy('sequence', 'desc')
      .limit(p.limit),
  )
  const ofVersion = queries.prepare((db, p: Parameters<Window & { version: Version }>) =>
    db
      .selectFrom('history')
      .selectAll()
      .where('version', '=', p.version)
      .where('sequence', '<', p.before)
      .orderBy('sequence', 'desc')
      .limit(p.limit),
  )
  const ofModelVersion = queries.prepare(
    (db, p: Parameters<Window & { modelId: ModelId; version: Version }>) =>
      db
        .selectFrom('history')
        .selectAll()
        .where('model_id', '=', p.modelId)
        .where('version', '=', p.version)
        .where('sequence', '<', p.before)
        .orderBy('sequence', 'desc')
        .limit(p.limit),
  )

  function rowsOf(session: Session, { modelId, version }: Filter, window: Window) {
    if (modelId !== undefined && version !== undefined)
      return session.all(ofModelVersion, { modelId, version, ...window })
    if (modelId !== undefined) return session.all(ofModel, { modelId, ...window })
    if (version !== undefined) return session.all(ofVersion, { version, ...window })
    return session.all(all, window)
  }

  return {
    recordBreakerReset: (actor, details) =>
      engine.write('recordBreakerReset', async (session) => {
        await record(session, { actor, action: 'breaker-reset', details })
      }),

    listHistory: ({ limit, cursor, modelId, version }) =>
      engine.read('listHistory', async (session) => {
        const listing = ['history', modelId, version]
        const [before] = readCursor(cursor, listing, [Number.MAX_SAFE_INTEGER] as const)
        const rows = await rowsOf(session, { modelId, version }, { before, limit: limit + 1 })
        return pageOf(rows, limit, listing, (row) => [row.sequence], toEntry)
      }),
  }
}

function toEntry(row: Row): HistoryEntry {
  const entry: HistoryEntry = {
    sequence: row.sequence,
    at: toIso(row.at),
    actor: row.actor,
    action: row.action,
    modelId: row.model_id,
    details: JSON.parse(row.details),
  }
  if (row.version !== null) entry.version = row.version
  if (row.environment !== null) entry.environment = row.environment
  return entry
}
