import { isAtOrBelow } from '../domain/s3-address.js'
import type { UnfinishedUpload } from '../ports/artifact-store.js'
import type { Unfinished } from '../ports/metadata-store.js'
import type { RegistryDeps } from './deps.js'
import type { OpenUpload } from './engine.js'

/** @see Engine.uploads */
export async function* uploads({ artifacts, metadata }: RegistryDeps): AsyncGenerator<OpenUpload> {
  const open: UnfinishedUpload[] = []
  for await (const upload of artifacts.listUnfinished()) open.push(upload)
  if (open.length === 0) return
  // Asked for after the store: a save reserves its place first, so that every upload of one is found to be of it.
  const unfinished = await metadata.listUnfinished()
  for (const { at, address, size, touchedAt } of open) {
    const save = address === undefined ? undefined : savesAt(unfinished, address)[0]
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
  const saves = address === undefined ? [] : savesAt(await deps.metadata.listUnfinished(), address)
  if (saves.some(({ expiresInMs }) => expiresInMs > 0)) return 'in-use'
  return deps.artifacts.endUnfinished(at)
}

function savesAt(unfinished: readonly Unfinished[], address: string): Unfinished[] {
  return unfinished.filter(({ is, s3Path }) => is === 'saving' && isAtOrBelow(address, s3Path))
}
