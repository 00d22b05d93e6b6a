import { sql } from 'kysely'
import { foldModelId, type ModelId } from '../../domain/model-id.js'
import { type Queries, type Session, StateChanged } from './engine.js'
import { leaseEnded } from './leases.js'
import type { Parameters } from './prepared.js'
import type { Millis } from './schema.js'

/** The row of a model: made with its first reservation, gone with its last version. */
export function modelRows(queries: Queries) {
  const { now } = queries.dialect

  const insert = queries.prepare((db, p: Parameters<{ modelId: ModelId; folded: string }>) =>
    db
      .insertInto('models')
      .values({ model_id: p.modelId, folded: p.folded, created_at: now })
      .onConflict((conflict) => conflict.doNothing()),
  )
  const byFolded = queries.prepare((db, p: Parameters<{ folded: string }>) =>
    db
      .selectFrom('models')
      .select('model_id')
      .where('folded', '=', p.folded)
      .modifyEnd(queries.dialect.lockRow),
  )
  const removeExpired = queries.prepare((db, p: Parameters<{ modelId: ModelId }>) =>
    db
      .deleteFrom('trained_models')
      .where('model_id', '=', p.modelId)
      .where('state', '=', sql.lit('saving'))
      .where((eb) => leaseEnded(now, { expiresAt: eb.ref('lease_expires_at'), leaseMs: eb.ref('lease_ms') })),
  )
  const hold = queries.prepare((db, p: Parameters<{ modelId: ModelId }>) =>
    db
      .selectFrom('models')
      .select('model_id')
      .where('model_id', '=', p.modelId)
      .modifyEnd(queries.dialect.lockRow),
  )
  const holdOfSave = queries.prepare((db, p: Parameters<{ saveId: string }>) =>
    db
      .selectFrom('models')
      .select('model_id')
      .where('model_id', '=', (eb) =>
        eb.selectFrom('trained_models').select('model_id').where('save_id', '=', p.saveId),
      )
      .modifyEnd(queries.dialect.lockRow),
  )
  const lockToRemove = queries.prepare((db, p: Parameters<{ modelId: ModelId }>) =>
    db
      .selectFrom('models')
      .select('model_id')
      .where('model_id', '=', p.modelId)
      .modifyEnd(queries.dialect.lockToRemove),
  )
  const removeEmpty = queries.prepare((db, p: Parameters<{ modelId: ModelId }>) =>
    db
      .deleteFrom('models')
      .where('model_id', '=', p.modelId)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb.selectFrom('trained_models').select(sql.lit(1).as('one')).where('model_id', '=', p.modelId),
          ),
        ),
      ),
  )
  const next = queries.prepare((db, p: Parameters<{ modelId: ModelId }>) =>
    db
      .selectFrom('models')
      .select(['next_number as number', now.as('at')])
      .where('model_id', '=', p.modelId),
  )
  const takeNumber = queries.prepare((db, p: Parameters<{ modelId: ModelId }>) =>
    db
      .updateTable('models')
      .set({ next_number: sql`next_number + 1` })
      .where('model_id', '=', p.modelId)
      .returning(sql<number>`next_number - 1`.as('number')),
  )

  async function ownerOf(session: Session, modelId: ModelId): Promise<ModelId> {
    const folded = foldModelId(modelId)
    const existing = await session.first(byFolded, { folded })
    if (existing !== undefined) return existing.model_id
    if ((await session.run(insert, { modelId, folded })) > 0) return modelId
    throw new StateChanged(`the model ${modelId} was made by somebody else at the same moment`)
  }

  async function removeIfEmpty(session: Session, modelId: ModelId): Promise<void> {
    if (queries.dialect.writers === 'many') await session.first(lockToRemove, { modelId })
    await session.run(removeEmpty, { modelId })
  }

  return {
    /**
     * Makes the model if it is not there, and holds it, so that its versions and numbers are given to one after the other.
     *
     * @returns the model that has the name: another one where only case differs.
     */
    async claim(session: Session, modelId: ModelId): Promise<ModelId> {
      const owner = await ownerOf(session, modelId)
      if (owner === modelId) return modelId
      // A name that only ended reservations hold is free.
      await session.run(removeExpired, { modelId: owner })
      await removeIfEmpty(session, owner)
      return ownerOf(session, modelId)
    },

    /**
     * Makes transactions that change several rows of one model wait for each other. Each calls it first, so that no two
     * of them wait for each other at once.
     */
    async hold(session: Session, of: { modelId: ModelId } | { saveId: string }): Promise<void> {
      if (queries.dialect.writers === 'one') return
      await ('saveId' in of ? session.first(holdOfSave, of) : session.first(hold, of))
    },

    /** What `takeNumber` is going to give, with the time of the transaction, to whoever has claimed the model. */
    async next(session: Session, modelId: ModelId): Promise<{ number: number; at: Millis }> {
      const row = await session.first(next, { modelId })
      if (row === undefined) throw new TypeError(`the model ${modelId} was claimed and has no row`)
      return row
    },

    async takeNumber(session: Session, modelId: ModelId): Promise<number> {
      const row = await session.first(takeNumber, { modelId })
      if (row === undefined) throw new TypeError(`the model ${modelId} has versions and no row`)
      return row.number
    },

    removeEmpty: removeIfEmpty,
  }
}
