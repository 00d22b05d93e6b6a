import type { ModelRecord } from '../domain/model-record.js'
import { isVersion } from '../domain/version.js'
import type { GetOptions, Registry } from '../registry/registry.js'
import type { Session } from './session.js'
import { UsageError } from './usage-error.js'

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

/**
 * For commands that take a version out of use: an alias may move, so it does not say which one is meant.
 *
 * @throws UsageError which names the version that the alias or `latest` stands for.
 */
export async function refuseAlias(
  session: Session,
  id: string,
  version: string,
  command: string,
): Promise<void> {
  if (isVersion(version)) return
  const record = await recordBefore(await session.registry(), id, version)
  if (record === undefined) return
  const name = version === 'latest' ? 'latest' : 'an alias'
  throw new UsageError(
    `${command} does not take ${name}, which may move: ${id}@${version} is ${id}@${record.version} at the moment. Name that version if it is the one: modelry ${command} ${id}@${record.version}.`,
  )
}
