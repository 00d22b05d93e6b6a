import { z } from 'zod'
import { descriptionSchema, tagsSchema } from '../domain/metadata.js'
import { parseModelId } from '../domain/model-id.js'
import type { ModelRecord } from '../domain/model-record.js'
import { problemsOf } from '../domain/problems.js'
import { parseVersion } from '../domain/version.js'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import { actorOf } from './actor.js'
import type { RegistryDeps } from './deps.js'
import { notFound } from './not-found.js'
import type { ActorOptions, MetadataChange } from './registry.js'

/** The parts of the metadata that may change; everything else is fixed with the version. */
export const metadataChangeSchema = z.strictObject({
  description: descriptionSchema.nullable().optional(),
  tags: tagsSchema.optional(),
})

/** @see Registry.updateMetadata */
export async function updateMetadata(
  deps: RegistryDeps,
  modelId: string,
  version: string,
  change: MetadataChange,
  options: ActorOptions = {},
): Promise<ModelRecord> {
  const id = parseModelId(modelId)
  const name = parseVersion(version)
  const actor = actorOf(deps, options)
  const parsed = metadataChangeSchema.safeParse(change, { reportInput: true })
  if (!parsed.success) {
    const validationErrors = problemsOf(parsed.error, change, ['description', 'tags'])
    throw new ModelValidationError({ operation: 'The change', modelId: id, version: name, validationErrors })
  }
  const record = await deps.metadata.updateVersion(id, name, parsed.data, actor)
  if (record === undefined) throw await notFound(deps, id, name)
  return record
}
