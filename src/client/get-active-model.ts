import { parseEnvironment } from '../domain/environment.js'
import { parseModelId } from '../domain/model-id.js'
import type { ModelRecord } from '../domain/model-record.js'
import * as answers from './answers.js'
import type { Connection } from './connection.js'
import { environmentPath } from './paths.js'

/** @see Registry.getActiveModel */
export async function getActiveModel(
  connection: Connection,
  modelId: string,
  environment: string,
): Promise<ModelRecord | null> {
  const path = `${environmentPath(parseModelId(modelId), parseEnvironment(environment))}/active`
  return connection.ask(
    { method: 'GET', path, operation: 'getActiveModel', repeat: 'freely' },
    answers.json(answers.recordOrNull),
  )
}
