import { type ModelId, parseModelId } from '../domain/model-id.js'
import type { ModelFile } from '../domain/model-record.js'
import { parseVersion, type Version } from '../domain/version.js'
import { versionActive } from '../errors/causes/registry.js'
import { DeploymentError } from '../errors/deployment-failed/error.js'
import { isModelRegistryError, type Leftover } from '../errors/model-registry-error.js'
import { S3DeleteError } from '../errors/s3-delete-failed/error.js'
import { actorOf } from './actor.js'
import type { RegistryDeps } from './deps.js'
import { notFound } from './not-found.js'
import type { ActorOptions } from './registry.js'

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
    case 'missing': {
      const unfinished = await deps.metadata.findDeletion(id, name)
      if (unfinished === undefined) throw await notFound(deps, id, name)
      await removeContent(deps, unfinished)
      break
    }
    case 'done':
      await removeContent(deps, removal.record)
  }
  deps.events.emit('deleted', { modelId: id, version: name, actor })
}

/** Removes the bytes that the registry wrote, then the rows. @throws S3DeleteError, naming what is left. */
export async function removeContent(
  deps: RegistryDeps,
  version: { readonly modelId: ModelId; readonly version: Version; readonly files: readonly ModelFile[] },
): Promise<void> {
  const left: { file: ModelFile; error: unknown }[] = []
  for (const file of version.files.filter(({ ownership }) => ownership === 'registry')) {
    try {
      await deps.artifacts.delete(file.address)
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
