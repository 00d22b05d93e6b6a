import type { ModelFile } from '../../domain/model-record.js'
import type { Queries, Session } from './engine.js'
import type { Parameters } from './prepared.js'
import type { Schema } from './schema.js'

type Row = Schema['files']

const COLUMNS = ['path', 'size', 'sha256', 'media_type', 'address', 'ownership', 'held_by'] as const

/** Writes the rows of a version's files. */
export function fileRows(queries: Queries) {
  const put = queries.prepare((db, p: Parameters<Schema['files']>) =>
    db
      .insertInto('files')
      .values({
        version_id: p.version_id,
        path: p.path,
        size: p.size,
        sha256: p.sha256,
        media_type: p.media_type,
        address: p.address,
        ownership: p.ownership,
        held_by: p.held_by,
      })
      .onConflict((conflict) =>
        conflict.columns(['version_id', 'path']).doUpdateSet((eb) => ({
          size: eb.ref('excluded.size'),
          sha256: eb.ref('excluded.sha256'),
          media_type: eb.ref('excluded.media_type'),
          address: eb.ref('excluded.address'),
          ownership: eb.ref('excluded.ownership'),
          held_by: eb.ref('excluded.held_by'),
        })),
      ),
  )
  const list = queries.prepare((db, p: Parameters<{ versionId: number }>) =>
    db.selectFrom('files').selectAll().where('version_id', '=', p.versionId),
  )
  const removeAll = queries.prepare((db, p: Parameters<{ versionId: number }>) =>
    db.deleteFrom('files').where('version_id', '=', p.versionId),
  )

  const putOne = (session: Session, versionId: number, file: ModelFile) =>
    session.run(put, toRow(versionId, file))

  async function putAll(session: Session, versionId: number, files: readonly ModelFile[]): Promise<void> {
    for (const file of files) await putOne(session, versionId, file)
  }

  return {
    put: putOne,
    putAll,
    /** Writes nothing where the rows say that already. */
    async replaceAll(session: Session, versionId: number, files: readonly ModelFile[]): Promise<void> {
      const there = await session.all(list, { versionId })
      const byPath = new Map(there.map((row) => [row.path, row]))
      const isThere = (row: Row) => isSame(row, byPath.get(row.path))
      if (there.length === files.length && files.every((file) => isThere(toRow(versionId, file)))) return
      await session.run(removeAll, { versionId })
      await putAll(session, versionId, files)
    },
  }
}

function toRow(versionId: number, file: ModelFile): Row {
  return {
    version_id: versionId,
    path: file.path,
    size: file.size,
    sha256: file.sha256,
    media_type: file.mediaType,
    address: file.address,
    ownership: file.ownership,
    held_by: file.heldBy ?? null,
  }
}

function isSame(a: Row, b: Row | undefined): boolean {
  return b !== undefined && COLUMNS.every((column) => a[column] === b[column])
}
