import { sql } from 'kysely'
import type { ModelId } from '../../domain/model-id.js'
import type { ModelRecord } from '../../domain/model-record.js'
import type { Version } from '../../domain/version.js'
import type {
  MetadataStore,
  Publication,
  Reservation,
  VersionContent,
  VersionDraft,
} from '../../ports/metadata-store.js'
import type { Session, SqlEngine } from './engine.js'
import { fileRows } from './file-rows.js'
import type { RecordFinder } from './find-record.js'
import { filesColumn, type RecordKeeper, toFiles } from './keep-record.js'
import { modelRows } from './model-rows.js'
import type { Parameters } from './prepared.js'
import { toRecord } from './record.js'
import type { Recorder } from './record-history.js'
import type { JsonText, Schema } from './schema.js'
import { draftedRow, versionInserts } from './version-rows.js'

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
type Taken = Exclude<Reservation, { is: 'reserved' }>

/** From the reservation of a version to its publication. */
export function saves(engine: SqlEngine, records: RecordFinder, keep: RecordKeeper, record: Recorder): Saves {
  const { queries } = engine
  const { now } = queries.dialect
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

  const inserts = versionInserts(queries)

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

  /** Makes the model if it is not there. @returns the answer when another model has its name. */
  async function claim(session: Session, { modelId }: VersionDraft): Promise<Taken | undefined> {
    const existing = await models.claim(session, modelId)
    return existing === modelId ? undefined : { is: 'name-clash', existing }
  }

  /** Whether the version was held by a save whose lease has ended, which then lets go of it. */
  async function isFreed(session: Session, { modelId, version }: VersionDraft): Promise<boolean> {
    return (await session.run(removeExpired, { modelId, version })) > 0
  }

  /** Who has the version: asked after an insert that did nothing. */
  async function whoHas(session: Session, draft: VersionDraft): Promise<Reservation> {
    const row = await session.first(holder, { modelId: draft.modelId, version: draft.version })
    if (row === undefined) throw new TypeError('a version is neither free nor taken')
    if (row.state === 'deleting') return { is: 'taken', by: 'deletion' }
    if (row.state === 'ready') return { is: 'taken', by: 'version', record: await recordOf(session, row.id) }
    // The same save asks again, after an answer that was lost.
    if (row.save_id === draft.saveId) return { is: 'reserved' }
    return { is: 'taken', by: 'save', expiresInMs: row.expires_in_ms }
  }

  async function recordOf(session: Session, id: number): Promise<ModelRecord> {
    const row = await records.byId(session, id)
    if (row === undefined) throw new TypeError('a version that is ready has no record')
    return toRecord(row)
  }

  async function publishSaved(
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
      await session.run(publish, { id, number, digest: content.digest, size: sizeOf(content) })
      await record(session, { actor, action: 'saved', modelId, version, details: { number } })
    }
    return { is: 'published', record: await (save.state === 'saving' ? keep : recordOf)(session, id) }
  }

  return {
    reserveVersion: (draft, leaseMs) =>
      engine.write('reserveVersion', async (session) => {
        const taken = await claim(session, draft)
        if (taken !== undefined) return taken
        const row = { ...draftedRow(draft), leaseMs }
        let inserted = await session.run(inserts.saving, row)
        if (inserted === 0 && (await isFreed(session, draft)))
          inserted = await session.run(inserts.saving, row)
        return inserted > 0 ? { is: 'reserved' } : whoHas(session, draft)
      }),

    recordVersion: (draft, content) =>
      engine.write('recordVersion', async (session) => {
        const taken = await claim(session, draft)
        if (taken !== undefined) return taken
        const row = { ...draftedRow(draft), digest: content.digest, size: sizeOf(content) }
        let inserted = await session.first(inserts.ready, row)
        if (inserted === undefined && (await isFreed(session, draft)))
          inserted = await session.first(inserts.ready, row)
        if (inserted === undefined) {
          const holder = await whoHas(session, draft)
          return holder.is === 'reserved' ? publishSaved(session, draft.saveId, content, draft.actor) : holder
        }
        const { modelId, version, actor } = draft
        const number = await models.takeNumber(session, modelId)
        await files.putAll(session, inserted.id, content.files)
        await record(session, { actor, action: 'saved', modelId, version, details: { number } })
        return { is: 'published', record: await keep(session, inserted.id) }
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
      engine.write('publishVersion', (session) => publishSaved(session, saveId, content, actor)),

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

function sizeOf({ files }: VersionContent): number {
  return files.reduce((sum, { size }) => sum + size, 0)
}
