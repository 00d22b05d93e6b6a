import { sql } from 'kysely'
import type { Alias } from '../../domain/alias.js'
import type { ModelId } from '../../domain/model-id.js'
import type { Version } from '../../domain/version.js'
import type { MetadataStore } from '../../ports/metadata-store.js'
import type { SqlEngine } from './engine.js'
import type { RecordFinder } from './find-record.js'
import { modelRows } from './model-rows.js'
import type { Parameters } from './prepared.js'
import { type RecordRow, recordColumns, toRecord } from './record.js'
import type { Recorder } from './record-history.js'
import { recordMarks } from './record-marks.js'

type Name = { modelId: ModelId; alias: Alias }

/** Movable names. */
export function aliases(
  engine: SqlEngine,
  records: RecordFinder,
  record: Recorder,
): Pick<MetadataStore, 'setAlias' | 'removeAlias'> {
  const { queries } = engine
  const models = modelRows(queries)
  const marks = recordMarks(queries)

  const holder = queries.prepare(
    (_, p: Parameters<Name>) =>
      sql<RecordRow & { version: Version }>`select ${recordColumns}, v.version
        from aliases a join trained_models v on v.id = a.version_id
        where a.model_id = ${p.modelId} and a.alias = ${p.alias} ${queries.dialect.lockRow}`,
  )
  const set = queries.prepare((db, p: Parameters<Name & { id: number }>) =>
    db
      .insertInto('aliases')
      .values({ model_id: p.modelId, alias: p.alias, version_id: p.id })
      .onConflict((conflict) =>
        conflict
          .columns(['model_id', 'alias'])
          .doUpdateSet((eb) => ({ version_id: eb.ref('excluded.version_id') })),
      ),
  )
  const remove = queries.prepare((db, p: Parameters<Name>) =>
    db.deleteFrom('aliases').where('model_id', '=', p.modelId).where('alias', '=', p.alias),
  )

  return {
    setAlias: (modelId, alias, version, actor) =>
      engine.write('setAlias', async (session) => {
        await models.hold(session, { modelId })
        const target = await records.byVersionToChange(session, modelId, version)
        if (target === undefined) return undefined
        const before = await session.first(holder, { modelId, alias })
        if (before?.id === target.id) return toRecord(target)
        await session.run(set, { modelId, alias, id: target.id })
        const details = { alias, previousVersion: before?.version ?? null }
        await record(session, { actor, action: 'alias-set', modelId, version, details })
        if (before !== undefined) await marks.remove(session, before, { aliases: alias })
        return marks.add(session, target, { aliases: alias })
      }),

    removeAlias: (modelId, alias, actor) =>
      engine.write('removeAlias', async (session) => {
        await models.hold(session, { modelId })
        const before = await session.first(holder, { modelId, alias })
        if (before === undefined) return undefined
        await session.run(remove, { modelId, alias })
        await marks.remove(session, before, { aliases: alias })
        await record(session, {
          actor,
          action: 'alias-removed',
          modelId,
          version: before.version,
          details: { alias },
        })
        return before.version
      }),
  }
}
