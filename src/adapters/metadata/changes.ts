import { sql } from 'kysely'
import type { MetadataStore } from '../../ports/metadata-store.js'
import { activeEnvironments } from './active-environments.js'
import type { SqlEngine } from './engine.js'
import type { RecordFinder } from './find-record.js'
import type { RecordKeeper } from './keep-record.js'
import type { Parameters } from './prepared.js'
import { toRecord } from './record.js'
import type { Recorder } from './record-history.js'
import type { JsonText, Millis } from './schema.js'
import { searchText } from './search-text.js'

/** What may change in a version that is visible. */
export function changes(
  engine: SqlEngine,
  records: RecordFinder,
  keep: RecordKeeper,
  record: Recorder,
): Pick<MetadataStore, 'updateVersion' | 'archiveVersion' | 'restoreVersion'> {
  const { queries } = engine
  const { now } = queries.dialect
  const environmentsOf = activeEnvironments(queries)

  const update = queries.prepare(
    (db, p: Parameters<{ id: number; description: string | null; tags: JsonText; searchText: string }>) =>
      db
        .updateTable('trained_models')
        .set({ description: p.description, tags: p.tags, search_text: p.searchText, updated_at: now })
        .where('id', '=', p.id),
  )
  const archive = queries.prepare((db, p: Parameters<{ id: number }>) =>
    db.updateTable('trained_models').set({ archived_at: now, updated_at: now }).where('id', '=', p.id),
  )
  const restore = queries.prepare((db, p: Parameters<{ id: number }>) =>
    db
      .updateTable('trained_models')
      .set({ archived_at: sql<Millis | null>`null`, updated_at: now })
      .where('id', '=', p.id),
  )

  return {
    updateVersion: (modelId, version, change, actor) =>
      engine.write('updateVersion', async (session) => {
        const row = await records.byVersionToChange(session, modelId, version)
        if (row === undefined) return undefined
        const before = toRecord(row)
        const description =
          change.description === undefined ? (before.description ?? null) : change.description
        const tags = change.tags ?? before.tags
        const fields = [
          ...(description === (before.description ?? null) ? [] : ['description']),
          ...(sameTags(tags, before.tags) ? [] : ['tags']),
        ]
        if (fields.length === 0) return before
        const text = searchText(modelId, description, tags)
        await session.run(update, { id: row.id, description, tags: JSON.stringify(tags), searchText: text })
        await record(session, { actor, action: 'metadata-updated', modelId, version, details: { fields } })
        return keep(session, row.id)
      }),

    archiveVersion: (modelId, version, actor) =>
      engine.write('archiveVersion', async (session) => {
        const row = await records.byVersionToChange(session, modelId, version)
        if (row === undefined) return { is: 'missing' }
        const before = toRecord(row)
        if (before.archivedAt !== undefined) return { is: 'done', record: before, changed: false }
        const environments = await environmentsOf(session, row.id)
        if (environments.length > 0) return { is: 'active', environments }
        await session.run(archive, { id: row.id })
        await record(session, { actor, action: 'archived', modelId, version, details: {} })
        return { is: 'done', record: await keep(session, row.id), changed: true }
      }),

    restoreVersion: (modelId, version, actor) =>
      engine.write('restoreVersion', async (session) => {
        const row = await records.byVersionToChange(session, modelId, version)
        if (row === undefined) return { is: 'missing' }
        const before = toRecord(row)
        if (before.archivedAt === undefined) return { is: 'done', record: before, changed: false }
        await session.run(restore, { id: row.id })
        await record(session, { actor, action: 'restored', modelId, version, details: {} })
        return { is: 'done', record: await keep(session, row.id), changed: true }
      }),
  }
}

function sameTags(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}
