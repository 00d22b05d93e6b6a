import { isAtOrBelow } from '../domain/s3-address.js'
import type { Unfinished } from '../ports/metadata-store.js'
import type { RegistryDeps } from './deps.js'
import type { OpenUpload } from './engine.js'

/** @see Engine.uploads */
export async function* uploads(deps: RegistryDeps): AsyncGenerator<OpenUpload> {
  for await (const { at, address, size, touchedAt } of deps.artifacts.listUnfinished()) {
    const save = address === undefined ? undefined : (await savesAt(deps, address))[0]
    yield {
      at,
      bytes: size,
      touchedAt: touchedAt.toISOString(),
      underway: save !== undefined && save.expiresInMs > 0,
      ...(address === undefined ? {} : { address }),
      ...(save === undefined ? {} : { modelId: save.modelId, version: save.version }),
    }
  }
}

/**
 * One that belongs to a save whose lease holds is left alone.
 *
 * @see Engine.endUpload
 */
export async function endUpload(
  deps: RegistryDeps,
  upload: OpenUpload,
): Promise<'ended' | 'gone' | 'in-use'> {
  const { at, address } = upload
  const saves = address === undefined ? [] : await savesAt(deps, address)
  if (saves.some(({ expiresInMs }) => expiresInMs > 0)) return 'in-use'
  return deps.artifacts.endUnfinished(at)
}

async function savesAt({ metadata }: RegistryDeps, address: string): Promise<Unfinished[]> {
  const unfinished = await metadata.listUnfinished()
  return unfinished.filter(({ is, s3Path }) => is === 'saving' && isAtOrBelow(address, s3Path))
}
