import { parseModelId } from '../domain/model-id.js'
import { parseVersionRef } from '../domain/version-ref.js'
import type { LoadedModel } from '../registry/registry.js'
import { createLoadedModel } from '../sources/create-loaded-model.js'
import * as answers from './answers.js'
import type { Connection } from './connection.js'
import { versionPath } from './paths.js'
import { readFile } from './read-file.js'

/** @see Registry.loadModel */
export async function loadModel(
  connection: Connection,
  modelId: string,
  version: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<LoadedModel> {
  const id = parseModelId(modelId)
  parseVersionRef(version)
  const record = await connection.ask(
    {
      method: 'GET',
      path: versionPath(id, version),
      query: { verify: 'none' },
      signal,
      operation: 'loadModel',
      subject: { code: 'S3_DOWNLOAD_FAILED', modelId: id, version },
      repeat: 'freely',
    },
    answers.json(answers.record),
  )
  return createLoadedModel(record, (file, options) => readFile(connection, record, file, options), signal)
}
