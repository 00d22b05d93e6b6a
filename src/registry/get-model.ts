import { parseModelId } from '../domain/model-id.js'
import type { ModelRecord } from '../domain/model-record.js'
import { refuse } from '../domain/refuse.js'
import { parseVersionRef } from '../domain/version-ref.js'
import type { RegistryDeps } from './deps.js'
import type { GetOptions } from './registry.js'
import { verifyContent, verifyPresence } from './verify-files.js'

/** @see Registry.getModel */
export async function getModel(
  deps: RegistryDeps,
  modelId: string,
  version: string,
  options: GetOptions = {},
): Promise<ModelRecord | null> {
  const record = await deps.metadata.findVersion(parseModelId(modelId), parseVersionRef(version))
  if (record === undefined) return null
  switch (options.verify ?? 'exists') {
    case 'none':
      break
    case 'exists':
      await verifyPresence(deps, record)
      break
    case 'content':
      await verifyContent(deps, record, options)
      break
    default:
      throw refuse('verify', options.verify, 'one of exists, content, none', 'getModel')
  }
  return record
}
