import { sql } from 'kysely'
import { foldModelId, type ModelId } from '../../domain/model-id.js'
import type { Queries, Session } from './engine.js'
import { leaseEnded } from './leases.js'
import type { Parameters } from './prepared.js'

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
    db.selectFrom('models').select('model_id').where('folded', '=', p.folded),
  )
  const removeExpired = queries.prepare((db, p: Parameters<{ modelId: ModelId }>) =>
    db
      .deleteFrom('trained_models')
      .where('model_id', '=', p.modelId)
      .where('state', '=', sql.lit('saving'))
      .where((eb) => leaseEnded(now, { expiresAt: eb.ref('lease_expires_at'), leaseMs: eb.ref('lease_ms') })),
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
    await session.run(insert, { modelId, folded })
    return modelId
  }

  return {
    /** Makes the model if it is not there. @returns the model that has the name: another one where only case differs. */
    async claim(session: Session, modelId: ModelId): Promise<ModelId> {
      const owner = await ownerOf(session, modelId)
      if (owner === modelId) return modelId
      // A name that only ended reservations hold is free.
      await session.run(removeExpired, { modelId: owner })
      await session.run(removeEmpty, { modelId: owner })
      return ownerOf(session, modelId)
    },

    async takeNumber(session: Session, modelId: ModelId): Promise<number> {
      const row = await session.first(takeNumber, { modelId })
      if (row === undefined) throw new TypeError(`the model ${modelId} has versions and no row`)
      return row.number
    },

    async removeEmpty(session: Session, modelId: ModelId): Promise<void> {
      await session.run(removeEmpty, { modelId })
    },
  }
}
