import type { Environment } from '../../domain/environment.js'
import type { HistoryAction } from '../../domain/history.js'
import type { ModelId } from '../../domain/model-id.js'
import type { Version } from '../../domain/version.js'
import type { Queries, Session } from './engine.js'
import type { Parameters } from './prepared.js'
import type { Schema } from './schema.js'

interface Happening {
  readonly actor: string
  readonly action: HistoryAction
  /** Absent for what concerns no single model. */
  readonly modelId?: ModelId
  readonly version?: Version
  readonly environment?: Environment
  readonly details: Readonly<Record<string, unknown>>
}

/** Writes the history entry of a change into the change's own transaction. */
export type Recorder = (session: Session, happening: Happening) => Promise<unknown> | unknown

export function historyRecorder(queries: Queries): Recorder {
  const insert = queries.prepare((db, p: Parameters<Omit<Schema['history'], 'sequence' | 'at'>>) =>
    db.insertInto('history').values({
      at: queries.dialect.now,
      actor: p.actor,
      action: p.action,
      model_id: p.model_id,
      version: p.version,
      environment: p.environment,
      details: p.details,
    }),
  )
  return (session, { actor, action, modelId, version, environment, details }) =>
    session.run(insert, {
      actor,
      action,
      model_id: modelId ?? '*',
      version: version ?? null,
      environment: environment ?? null,
      details: JSON.stringify(details),
    })
}
