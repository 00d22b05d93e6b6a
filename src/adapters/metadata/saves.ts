import { sql } from 'kysely'
import type { ModelId } from '../../domain/model-id.js'
import { isStable, sortKey, type Version } from '../../domain/version.js'
import type {
  MetadataStore,
  Publication,
  Reservation,
  VersionContent,
  VersionDraft,
} from '../../ports/metadata-store.js'
import type { Session, SqlEngine } from './engine.js'
import { fileRows } from './file-rows.js'
import { recordFinder } from './find-record.js'
import { modelRows } from './model-rows.js'
import type { Parameters } from './prepared.js'
import { type FixedMetadata, filesColumn, toFiles, toRecord } from './record.js'
import { historyRecorder } from './record-history.js'
import type { JsonText, Schema } from './schema.js'
import { searchText } from './search-text.js'

type Saves = Pick<
  MetadataStore,
  | 'reserveVersion'
  | 'recordVersion'
  | 'renewReservation'
  | 'addFile'
  | 'publishVersion'
  | 'findSave'
  | 'releaseReservation'
>
type Row = Schema['trained_models']

/** From the reservation of a version to its publication. */
export function saves(engine: SqlEngine): Saves {
  const { queries } = engine
  const { now } = queries.dialect
  const records = recordFinder(queries)
  const record = historyRecorder(queries)
  const models = modelRows(queries)
  const files = fileRows(queries)

  const removeExpired = queries.prepare((db, p: Parameters<{ modelId: ModelId; version: Version }>) =>
    db
      .deleteFrom('trained_models')
      .where('model_id', '=', p.modelId)
      .where('version', '=', p.version)
      .where('state', '=', sql.lit('saving'))
      .where('lease_expires_at', '<=', now),
  )

  const insert = queries.prepare((db, p: Parameters<ReservedRow & { leaseMs: number }>) =>
    db
      .insertInto('trained_models')
      .values({
        model_id: p.model_id,
        version: p.version,
        sort_key: p.sort_key,
        stable: p.stable,
        state: sql.lit('saving'),
        save_id: p.save_id,
        lease_expires_at: sql`${now} + ${p.leaseMs}`,
        model_type: p.model_type,
        accuracy: p.accuracy,
        s3_path: p.s3_path,
        layout: p.layout,
        description: p.description,
        metadata: p.metadata,
        tags: p.tags,
        created_at: now,
        created_by: p.created_by,
        updated_at: now,
        search_text: p.search_text,
      })
      .onConflict((conflict) => conflict.columns(['model_id', 'version']).doNothing()),
  )

  const holder = queries.prepare((db, p: Parameters<{ modelId: ModelId; version: Version }>) =>
    db
      .selectFrom('trained_models')
      .select([
        'id',
        'state',
        'save_id',
        sql<number>`coalesce(lease_expires_at, 0) - ${now}`.as('expires_in_ms'),
      ])
      .where('model_id', '=', p.modelId)
      .where('version', '=', p.version),
  )

  const renew = queries.prepare((db, p: Parameters<{ saveId: string; leaseMs: number }>) =>
    db
      .updateTable('trained_models')
      .set({ lease_expires_at: sql`${now} + ${p.leaseMs}` })
      .where('save_id', '=', p.saveId)
      .where('state', '=', sql.lit('saving'))
      .where('lease_expires_at', '>', now)
      .returning('id'),
  )

  const bySaveId = queries.prepare((db, p: Parameters<{ saveId: string }>) =>
    db
      .selectFrom('trained_models')
      .select(['id', 'model_id', 'version', 'state'])
      .where('save_id', '=', p.saveId)
      .where((eb) => eb.or([eb('state', '=', sql.lit('ready')), eb('lease_expires_at', '>', now)])),
  )

  const publish = queries.prepare(
    (db, p: Parameters<{ id: number; number: number; digest: VersionContent['digest']; size: number }>) =>
      db
        .updateTable('trained_models')
        .set({
          state: sql.lit('ready'),
          lease_expires_at: null,
          number: p.number,
          digest: p.digest,
          size: p.size,
          updated_at: now,
        })
        .where('id', '=', p.id),
  )

  const find = queries.prepare(
    (_, p: Parameters<{ saveId: string }>) =>
      sql<
        Pick<Row, 'save_id' | 'model_id' | 'version' | 's3_path' | 'layout'> & {
          state: 'saving' | 'ready'
          files: JsonText
        }
      >`
        select v.save_id, v.model_id, v.version, v.s3_path, v.layout, v.state, ${filesColumn(queries.dialect)} as files
        from trained_models v where v.save_id = ${p.saveId} and v.state <> 'deleting'`,
  )

  const release = queries.prepare((db, p: Parameters<{ saveId: string }>) =>
    db
      .deleteFrom('trained_models')
      .where('save_id', '=', p.saveId)
      .where('state', '=', sql.lit('saving'))
      .returning('model_id'),
  )

  async function reserve(session: Session, draft: VersionDraft, leaseMs: number): Promise<Reservation> {
    const { modelId, version } = draft
    await session.run(removeExpired, { modelId, version })
    const existing = await models.claim(session, modelId)
    if (existing !== modelId) return { is: 'name-clash', existing }
    if ((await session.run(insert, { ...reservedRow(draft), leaseMs })) > 0) return { is: 'reserved' }
    const row = await session.first(holder, { modelId, version })
    if (row === undefined) throw new TypeError('a version is neither free nor taken')
    if (row.state === 'deleting') return { is: 'taken', by: 'deletion' }
    if (row.state === 'saving') {
      // The same save asks again, after an answer that was lost.
      if (row.save_id === draft.saveId) return { is: 'reserved' }
      return { is: 'taken', by: 'save', expiresInMs: row.expires_in_ms }
    }
    const found = await records.byId(session, row.id)
    if (found === undefined) throw new TypeError('a version that is ready has no record')
    return { is: 'taken', by: 'version', record: toRecord(found) }
  }

  async function makeVisible(
    session: Session,
    saveId: string,
    content: VersionContent,
    actor: string,
  ): Promise<Publication> {
    const save = await session.first(bySaveId, { saveId })
    if (save === undefined) return { is: 'lease-lost' }
    const { id, model_id: modelId, version } = save
    if (save.state === 'saving') {
      const number = await models.takeNumber(session, modelId)
      await files.replaceAll(session, id, content.files)
      const size = content.files.reduce((sum, file) => sum + file.size, 0)
      await session.run(publish, { id, number, digest: content.digest, size })
      await record(session, { actor, action: 'saved', modelId, version, details: { number } })
    }
    const row = await records.byId(session, id)
    if (row === undefined) throw new TypeError('a version that was published has no record')
    return { is: 'published', record: toRecord(row) }
  }

  return {
    reserveVersion: (draft, leaseMs) =>
      engine.write('reserveVersion', (session) => reserve(session, draft, leaseMs)),

    recordVersion: (draft, content) =>
      engine.write('recordVersion', async (session) => {
        const reservation = await reserve(session, draft, 1)
        if (reservation.is !== 'reserved') return reservation
        return makeVisible(session, draft.saveId, content, draft.actor)
      }),

    renewReservation: (saveId, leaseMs) =>
      engine.write(
        'renewReservation',
        async (session) => (await session.first(renew, { saveId, leaseMs })) !== undefined,
      ),

    addFile: (saveId, file, leaseMs) =>
      engine.write('addFile', async (session) => {
        const save = await session.first(renew, { saveId, leaseMs })
        if (save === undefined) return false
        await files.put(session, save.id, file)
        return true
      }),

    publishVersion: (saveId, content, actor) =>
      engine.write('publishVersion', (session) => makeVisible(session, saveId, content, actor)),

    findSave: (saveId) =>
      engine.read('findSave', async (session) => {
        const row = await session.first(find, { saveId })
        if (row === undefined) return undefined
        return {
          saveId: row.save_id,
          modelId: row.model_id,
          version: row.version,
          s3Path: row.s3_path,
          layout: row.layout,
          state: row.state,
          files: toFiles(row.files),
        }
      }),

    releaseReservation: (saveId) =>
      engine.write('releaseReservation', async (session) => {
        const released = await session.first(release, { saveId })
        if (released !== undefined) await models.removeEmpty(session, released.model_id)
      }),
  }
}

type ReservedRow = Pick<
  Row,
  | 'model_id'
  | 'version'
  | 'sort_key'
  | 'stable'
  | 'save_id'
  | 'model_type'
  | 'accuracy'
  | 's3_path'
  | 'layout'
  | 'description'
  | 'metadata'
  | 'tags'
  | 'created_by'
  | 'search_text'
>

function reservedRow(draft: VersionDraft): ReservedRow {
  const { saveId, modelId, version, modelType, accuracy, s3Path, layout, description, tags, actor, ...rest } =
    draft
  const fixed: FixedMetadata = rest
  return {
    model_id: modelId,
    version,
    sort_key: sortKey(version),
    stable: isStable(version) ? 1 : 0,
    save_id: saveId,
    model_type: modelType,
    accuracy: accuracy ?? null,
    s3_path: s3Path,
    layout,
    description: description ?? null,
    metadata: JSON.stringify(fixed),
    tags: JSON.stringify(tags ?? {}),
    created_by: actor,
    search_text: searchText(modelId, description, tags),
  }
}
