import { parseModelId } from '../domain/model-id.js'
import type { ModelFile } from '../domain/model-record.js'
import { parseVersion } from '../domain/version.js'
import { versionActive } from '../errors/causes/registry.js'
import { DeploymentError } from '../errors/deployment-failed/error.js'
import { isModelRegistryError, type Leftover } from '../errors/model-registry-error.js'
import { S3DeleteError } from '../errors/s3-delete-failed/error.js'
import type { Unfinished } from '../ports/metadata-store.js'
import { actorOf } from './actor.js'
import type { RegistryDeps } from './deps.js'
import { heldElsewhere } from './held-elsewhere.js'
import { notFound } from './not-found.js'
import type { ActorOptions } from './registry.js'
import { sideOf } from './spool.js'

/** @see Registry.deleteModel */
export async function deleteModel(
  deps: RegistryDeps,
  modelId: string,
  version: string,
  options: ActorOptions = {},
): Promise<void> {
  const id = parseModelId(modelId)
  const name = parseVersion(version)
  const actor = actorOf(deps, options)
  const removal = await deps.metadata.beginDeletion(id, name, actor)
  switch (removal.is) {
    case 'active':
      throw new DeploymentError(
        {
          modelId: id,
          version: name,
          environment: removal.environments.join(', '),
          operation: 'The deletion',
        },
        { reason: versionActive },
      )
    case 'missing':
    case 'done': {
      const deletion = await deps.metadata.findDeletion(id, name)
      if (deletion !== undefined) await removeContent(deps, deletion)
      // Deleted by another call that came in between, which is what was asked for.
      else if (removal.is === 'missing') throw await notFound(deps, id, name)
    }
  }
  deps.events.emit('deleted', { modelId: id, version: name, actor })
}

/**
 * Removes the bytes that the registry wrote, then the rows. Bytes that another version has been registered with stay;
 * none can be registered with them while the deletion is under way.
 *
 * @throws S3DeleteError, naming what is left.
 */
export function removeContent(deps: RegistryDeps, version: Unfinished): Promise<void> {
  const running = removals.get(deps) ?? new Map<string, Promise<void>>()
  removals.set(deps, running)
  const begun = running.get(version.saveId)
  if (begun !== undefined) return begun
  const removal = remove(deps, version).finally(() => running.delete(version.saveId))
  running.set(version.saveId, removal)
  return removal
}

/** By the version's save. Two calls that delete it at once are one, so that the later cannot remove what came after. */
const removals = new WeakMap<RegistryDeps, Map<string, Promise<void>>>()

async function remove(deps: RegistryDeps, version: Unfinished): Promise<void> {
  const left: { file: ModelFile; error: unknown }[] = []
  const written = version.files.filter(({ ownership }) => ownership === 'registry')
  const held = await heldElsewhere(deps, version.saveId, written)
  for (const file of written.filter(({ address }) => !held.has(address))) {
    deps.seen?.forget(file)
    // Another process may have ended this deletion, and the version may be there again, at the address that it was given.
    if (!(await deps.metadata.isBeingDeleted(version.saveId))) return
    try {
      await deps.artifacts.delete(file.address, sideOf(file))
    } catch (error) {
      left.push({ file, error })
    }
  }
  const [first] = left
  if (first === undefined) return deps.metadata.finishDeletion(version.modelId, version.version)
  const leftovers = left.map(({ file }): Leftover => ({ kind: 'object', at: file.address }))
  const known = isModelRegistryError(first.error) ? first.error : undefined
  throw new S3DeleteError(
    {
      ...known?.context,
      modelId: version.modelId,
      version: version.version,
      s3Path: first.file.address,
      file: first.file.path,
    },
    {
      cause: first.error,
      outcome: 'applied',
      leftovers,
      ...(known === undefined ? {} : { reason: known.reason }),
    },
  )
}
