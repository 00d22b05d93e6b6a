import { parseModelId } from '../domain/model-id.js'
import type { ModelRecord } from '../domain/model-record.js'
import { refuse } from '../domain/refuse.js'
import { parseVersionRef } from '../domain/version-ref.js'
import { ModelNotFoundError } from '../errors/model-not-found/error.js'
import type { GetOptions } from '../registry/registry.js'
import { verificationLineSchema } from '../wire/answers.js'
import * as answers from './answers.js'
import type { Connection } from './connection.js'
import { askForLines, notUnderstood } from './ndjson.js'
import { versionPath } from './paths.js'

const operation = 'getModel'

/** @see Registry.getModel */
export async function getModel(
  connection: Connection,
  modelId: string,
  version: string,
  options: GetOptions = {},
): Promise<ModelRecord | null> {
  const id = parseModelId(modelId)
  parseVersionRef(version)
  const { verify, signal } = options
  if (verify !== undefined && !['exists', 'content', 'none'].includes(verify))
    throw refuse('verify', verify, 'one of exists, content, none', operation)
  const subject = { code: 'S3_DOWNLOAD_FAILED', modelId: id, version } as const
  const about = { operation, subject, signal }
  const path = versionPath(id, version)
  try {
    if (verify === 'content')
      return await verified(connection, { ...about, path: `${path}/verification` }, options)
    const ask = { ...about, method: 'GET', path, query: { verify }, repeat: 'freely' } as const
    return await connection.ask(ask, answers.json(answers.record))
  } catch (error) {
    if (error instanceof ModelNotFoundError) return null
    throw error
  }
}

/** Reading all files takes as long as it takes: the server tells how far it is, so that no connection falls silent. */
async function verified(
  connection: Connection,
  ask: Parameters<typeof askForLines>[1],
  { onProgress }: GetOptions,
): Promise<ModelRecord> {
  for await (const line of askForLines(connection, ask)) {
    const parsed = verificationLineSchema.safeParse(line)
    if (!parsed.success) break
    if ('record' in parsed.data) {
      const record = answers.record.safeParse(parsed.data.record)
      if (record.success) return record.data
      break
    }
    onProgress?.(parsed.data.progress)
  }
  throw notUnderstood(connection, operation)
}
