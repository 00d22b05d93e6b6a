import type { ModelRecord } from '../domain/model-record.js'
import type { GetOptions, Registry } from '../registry/registry.js'

/** Makes sure that an empty answer is not due to a name that no model has. @throws ModelNotFoundError with the nearest names. */
export async function requireModel(registry: Registry, id: string): Promise<void> {
  // Every model has a version.
  if ((await registry.getModelVersions(id)).length === 0) await registry.loadModel(id, 'latest')
}

/** The record of a version. @throws ModelNotFoundError with the nearest names. */
export async function found(
  registry: Registry,
  id: string,
  version: string,
  options: GetOptions = {},
): Promise<ModelRecord> {
  const record = await registry.getModel(id, version, options)
  // getModel answers null where loadModel says what there is instead.
  return record ?? (await registry.loadModel(id, version)).record
}

/** The record as it is before a change, for telling what changed; what is wrong with the name, the change itself says. */
export async function recordBefore(
  registry: Registry,
  id: string,
  version: string,
): Promise<ModelRecord | undefined> {
  return (await registry.getModel(id, version, { verify: 'none' }).catch(() => null)) ?? undefined
}
