import { sql } from 'kysely'
import { isSaveId, pathInSave } from '../../domain/derived-address.js'
import type { FilePath } from '../../domain/file-path.js'
import type { ModelId } from '../../domain/model-id.js'
import { type ModelFile, type ModelRecord, toRecordText } from '../../domain/model-record.js'
import type { S3Address } from '../../domain/s3-address.js'
import type { Version } from '../../domain/version.js'
import type {
  MetadataStore,
  Publication,
  Reservation,
  VersionContent,
  VersionDraft,
} from '../../ports/metadata-store.js'
import { type Session, type SqlEngine, StateChanged } from './engine.js'
import { fileRows } from './file-rows.js'
import type { RecordFinder } from './find-record.js'
import { filesColumn, firstRecord, toFiles } from './keep-record.js'
import { leaseEnded, leaseLeft } from './leases.js'
import { modelRows } from './model-rows.js'
import { objectLocks } from './object-locks.js'
import type { Parameters } from './prepared.js'
import { toRecord } from './record.js'
import type { Recorder } from './record-history.js'
import type { JsonText, Schema } from './schema.js'
import { draftedRow, type ReadyRow, versionInserts } from './version-rows.js'

type Saves = Pick<
  MetadataStore,
  | 'reserveVersion'
  | 'recordVersion'
  | 'renewReservation'
  | 'announceFiles'
  | 'addFile'
  | 'publishVersion'
  | 'findSave'
  | 'withdrawSave'
  | 'releaseReservation'
>
type Row = Schema['trained_models']
type Taken = Exclude<Reservation, { is: 'reserved' }>

/** From the reservation of a version to its publication. */
export function saves(engine: SqlEngine, records: RecordFinder, record: Recorder): Saves {
  const { queries } = engine
  const { now } = queries.dialect
  const models = modelRows(queries)
  const files = fileRows(queries)
  const locks = objectLocks(queries)

  const removeExpired = queries.prepare((db, p: Parameters<{ modelId: ModelId; version: Version }>) =>
    db
      .deleteFrom('trained_models')
      .where('model_id', '=', p.modelId)
      .where('version', '=', p.version)
      .where('state', '=', sql.lit('saving'))
      .where((eb) => leaseEnded(now, { expiresAt: eb.ref('lease_expires_at'), leaseMs: eb.ref('lease_ms') }))
      .returning(['save_id', 's3_path', 'layout', 'announced']),
  )

  // Few, since nothing stays unfinished for long. A save whose lease has ended takes nothing back that others may use.
  const underway = queries.prepare((db, p: Parameters<{ saveId: string }>) =>
    db
      .selectFrom('trained_models')
      .select(['s3_path', 'layout'])
      // The first names the index, the second is what is looked up in it.
      .where('state', '<>', sql.lit('ready'))
      .where(sql<boolean>`state in ('saving', 'deleting')`)
      .where('save_id', '<>', p.saveId)
      .where((eb) =>
        eb.or([
          eb('state', '=', sql.lit('deleting')),
          eb.not(leaseEnded(now, { expiresAt: eb.ref('lease_expires_at'), leaseMs: eb.ref('lease_ms') })),
        ]),
      ),
  )

  const inserts = versionInserts(queries)

  const holder = queries.prepare((db, p: Parameters<{ modelId: ModelId; version: Version }>) =>
    db
      .selectFrom('trained_models')
      .select((eb) => [
        'id',
        'state',
        'save_id',
        leaseLeft(now, { expiresAt: eb.ref('lease_expires_at'), leaseMs: eb.ref('lease_ms') }).as(
          'expires_in_ms',
        ),
      ])
      .where('model_id', '=', p.modelId)
      .where('version', '=', p.version),
  )

  const renew = queries.prepare((db, p: Parameters<{ saveId: string; leaseMs: number }>) =>
    db
      .updateTable('trained_models')
      .set({ lease_expires_at: sql`${now} + ${p.leaseMs}`, lease_ms: p.leaseMs })
      .where('save_id', '=', p.saveId)
      .where('state', '=', sql.lit('saving'))
      .where('lease_expires_at', '>', now)
      .returning('id'),
  )

  const announce = queries.prepare((db, p: Parameters<{ saveId: string; announced: JsonText }>) =>
    db
      .updateTable('trained_models')
      .set({ announced: p.announced })
      .where('save_id', '=', p.saveId)
      .where('state', '=', sql.lit('saving'))
      .where('lease_expires_at', '>', now),
  )

  const bySaveId = queries.prepare((db, p: Parameters<{ saveId: string }>) =>
    db
      .selectFrom('trained_models')
      .select(['id', 'state', 'model_id', 'version', 'model_type', 'accuracy', 's3_path', 'description'])
      .select(['metadata', 'tags', 'created_at', 'created_by', 'updated_at', 'archived_at'])
      .where('save_id', '=', p.saveId)
      .where((eb) => eb.or([eb('state', '=', sql.lit('ready')), eb('lease_expires_at', '>', now)]))
      .modifyEnd(queries.dialect.lockRow),
  )

  const publish = queries.prepare(
    (db, p: Parameters<Pick<ReadyRow, 'number' | 'digest' | 'size' | 'record'> & { id: number }>) =>
      db
        .updateTable('trained_models')
        .set({
          state: sql.lit('ready'),
          lease_expires_at: null,
          number: p.number,
          digest: p.digest,
          size: p.size,
          record: p.record,
        })
        .where('id', '=', p.id),
  )

  const find = queries.prepare(
    (_, p: Parameters<{ saveId: string }>) =>
      sql<
        Pick<Row, 'save_id' | 'model_id' | 'version' | 's3_path' | 'layout' | 'announced'> & {
          state: 'saving' | 'ready'
          files: JsonText
        }
      >`
        select v.save_id, v.model_id, v.version, v.s3_path, v.layout, v.announced, v.state, ${filesColumn(queries.dialect)} as files
        from trained_models v where v.save_id = ${p.saveId} and v.state <> 'deleting'`,
  )

  const withdraw = queries.prepare(
    (db, p: Parameters<{ saveId: string; newSaveId: string; leaseMs: number }>) =>
      db
        .updateTable('trained_models')
        .set({
          save_id: p.newSaveId,
          lease_expires_at: sql`${now} + ${p.leaseMs}`,
          lease_ms: p.leaseMs,
        })
        .where('save_id', '=', p.saveId)
        .where('state', '=', sql.lit('saving')),
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

  /** Takes the version from a save whose lease has ended. @returns where that save had its files. */
  function free(session: Session, { modelId, version }: VersionDraft) {
    return session.first(removeExpired, { modelId, version })
  }

  async function lockGiven(session: Session, content: VersionContent): Promise<void> {
    if (content.files.some(({ ownership }) => ownership === 'caller')) await locks.toRecord(session)
  }

  /** An object of the caller's own that lies where an unfinished save or deletion has its files. */
  async function objectUnderway(
    session: Session,
    saveId: string,
    content: readonly ModelFile[],
  ): Promise<S3Address | undefined> {
    const given = content.filter(({ ownership }) => ownership === 'caller')
    if (given.length === 0) return undefined
    const places = await session.all(underway, { saveId })
    return given.find(({ address }) => places.some((place) => isAt(address, place)))?.address
  }

  /** Who has the version: asked after an insert that did nothing. */
  async function whoHas(session: Session, draft: VersionDraft): Promise<Reservation> {
    const row = await session.first(holder, { modelId: draft.modelId, version: draft.version })
    if (row === undefined) throw new StateChanged('a version is neither free nor taken')
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
    await lockGiven(session, content)
    await models.hold(session, { saveId })
    const save = await session.first(bySaveId, { saveId })
    if (save === undefined) return { is: 'lease-lost' }
    const { id, model_id: modelId, version } = save
    if (save.state === 'ready') return { is: 'published', record: await recordOf(session, id) }
    const address = await objectUnderway(session, saveId, content.files)
    if (address !== undefined) return { is: 'object-underway', address }
    const number = await models.takeNumber(session, modelId)
    await files.replaceAll(session, id, content.files)
    const made = { number, digest: content.digest, size: sizeOf(content) }
    const published = firstRecord({ ...save, ...made }, content.files)
    await session.run(publish, { id, ...made, record: toRecordText(published) })
    await record(session, { actor, action: 'saved', modelId, version, details: { number } })
    return { is: 'published', record: published }
  }

  return {
    reserveVersion: (draft, leaseMs) =>
      engine.write('reserveVersion', async (session) => {
        const taken = await claim(session, draft)
        if (taken !== undefined) return taken
        const row = { ...draftedRow(draft), leaseMs }
        if ((await session.run(inserts.saving, row)) > 0) return { is: 'reserved' }
        const freed = await free(session, draft)
        if (freed === undefined) return whoHas(session, draft)
        const adopted = adoptedFrom(draft, freed)
        await session.run(inserts.saving, { ...row, ...inherited(row, freed, adopted) })
        return {
          is: 'reserved',
          replaced: toPlace(freed),
          ...(adopted === undefined ? {} : { adopted }),
        }
      }),

    recordVersion: (draft, content) =>
      engine.write('recordVersion', async (session) => {
        await lockGiven(session, content)
        const taken = await claim(session, draft)
        if (taken !== undefined) return taken
        const address = await objectUnderway(session, draft.saveId, content.files)
        if (address !== undefined) return { is: 'object-underway', address }
        const { modelId, version, actor } = draft
        const { number, at } = await models.next(session, modelId)
        const row = { ...draftedRow(draft), number, digest: content.digest, size: sizeOf(content) }
        const made = firstRecord({ ...row, created_at: at, updated_at: at, archived_at: null }, content.files)
        const insert = () => session.first(inserts.ready, { ...row, record: toRecordText(made) })
        let inserted = await insert()
        if (inserted === undefined && (await free(session, draft)) !== undefined) inserted = await insert()
        if (inserted === undefined) {
          const holder = await whoHas(session, draft)
          return holder.is === 'reserved' ? publishSaved(session, draft.saveId, content, actor) : holder
        }
        await models.takeNumber(session, modelId)
        await files.putAll(session, inserted.id, content.files)
        await record(session, { actor, action: 'saved', modelId, version, details: { number } })
        return { is: 'published', record: made }
      }),

    renewReservation: (saveId, leaseMs) =>
      engine.writeForNow(
        'renewReservation',
        async (session) => (await session.first(renew, { saveId, leaseMs })) !== undefined,
      ),

    announceFiles: (saveId, paths) =>
      engine.write(
        'announceFiles',
        async (session) => (await session.run(announce, { saveId, announced: JSON.stringify(paths) })) > 0,
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
          ...toPlace(row),
          state: row.state,
          files: toFiles(row.files),
        }
      }),

    withdrawSave: (saveId, newSaveId, leaseMs) =>
      engine.write('withdrawSave', async (session) => {
        await locks.toRemove(session)
        return (await session.run(withdraw, { saveId, newSaveId, leaseMs })) > 0
      }),

    releaseReservation: (saveId) =>
      engine.write('releaseReservation', async (session) => {
        const released = await session.first(release, { saveId })
        if (released !== undefined) await models.removeEmpty(session, released.model_id)
      }),
  }
}

function toPlace({ s3_path, layout, announced }: Pick<Row, 's3_path' | 'layout' | 'announced'>) {
  const paths: { announced?: FilePath[] } = announced === null ? {} : { announced: JSON.parse(announced) }
  return { s3Path: s3_path, layout, ...paths }
}

/**
 * What the save that takes a version over has of the one before: its place, when it goes on with that; at the place that
 * both were given, what the one before may have written there.
 */
function inherited(
  row: Pick<Row, 's3_path' | 'layout'>,
  freed: Pick<Row, 's3_path' | 'layout' | 'announced'>,
  adopted: S3Address | undefined,
): Partial<Pick<Row, 's3_path' | 'announced'>> {
  if (adopted !== undefined) return { s3_path: adopted }
  const same = freed.s3_path === row.s3_path && freed.layout === row.layout
  return same ? { announced: freed.announced } : {}
}

/** Where the save had its files that lost the version, when the new one goes on with them. */
function adoptedFrom(
  { adopts, layout }: VersionDraft,
  freed: Pick<Row, 'save_id' | 's3_path' | 'layout'>,
): S3Address | undefined {
  // What is being taken back may be removed at any moment, however long ago the lease of whoever does so has ended.
  if (adopts === undefined || freed.layout !== layout || !isSaveId(freed.save_id)) return undefined
  const { below, name = '' } = adopts
  return pathInSave(freed.s3_path, below) === name ? freed.s3_path : undefined
}

function isAt(address: S3Address, { s3_path, layout }: Pick<Row, 's3_path' | 'layout'>): boolean {
  return layout === 'file' ? address === s3_path : address.startsWith(`${s3_path}/`)
}

function sizeOf({ files }: VersionContent): number {
  return files.reduce((sum, { size }) => sum + size, 0)
}
