import type { Alias } from '../../domain/alias.js'
import type { ModelId } from '../../domain/model-id.js'
import type { MetadataStore } from '../../ports/metadata-store.js'
import type { SqlEngine } from './engine.js'
import type { RecordFinder } from './find-record.js'
import type { RecordKeeper } from './keep-record.js'
import { modelRows } from './model-rows.js'
import type { Parameters } from './prepared.js'
import { toRecord } from './record.js'
import type { Recorder } from './record-history.js'

type Name = { modelId: ModelId; alias: Alias }

/** Movable names. */
export function aliases(
  engine: SqlEngine,
  records: RecordFinder,
  keep: RecordKeeper,
  record: Recorder,
): Pick<MetadataStore, 'setAlias' | 'removeAlias'> {
  const { queries } = engine
  const models = modelRows(queries)

  const holder = queries.prepare((db, p: Parameters<Name>) =>
    db
      .selectFrom('aliases')
      .innerJoin('trained_models', 'trained_models.id', 'aliases.version_id')
      .select(['trained_models.id', 'trained_models.version'])
      .where('aliases.model_id', '=', p.modelId)
      .where('aliases.alias', '=', p.alias)
      .modifyEnd(queries.dialect.lockRow),
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
        if (before !== undefined) await keep(session, before.id)
        return keep(session, target.id)
      }),

    removeAlias: (modelId, alias, actor) =>
      engine.write('removeAlias', async (session) => {
        await models.hold(session, { modelId })
        const before = await session.first(holder, { modelId, alias })
        if (before === undefined) return undefined
        await session.run(remove, { modelId, alias })
        await keep(session, before.id)
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
