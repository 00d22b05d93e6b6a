import type { ModelFile } from '../domain/model-record.js'
import { breakerOpen } from '../errors/causes/breaker.js'
import { outages } from '../errors/causes/outages.js'
import { partsRefused, uploadGone } from '../errors/causes/s3-uploads.js'
import { isModelRegistryError, type Leftover } from '../errors/model-registry-error.js'
import type { UnfinishedUpload } from '../ports/artifact-store.js'
import type { VersionDraft } from '../ports/metadata-store.js'
import type { RegistryDeps } from './deps.js'
import type { ReservedPlace } from './reserve.js'
import { restate } from './restate.js'
import { takeBack } from './take-back.js'

/** What the same save can go on from, once it passes. */
const PASSING = new Set([...outages, breakerOpen, uploadGone, partsRefused].map(({ id }) => id))

export interface FailedSave extends Pick<VersionDraft, 'saveId'>, ReservedPlace {
  /** Whether its bytes can be given again. */
  readonly resumable: boolean
}

/**
 * Ends a save that failed: its bytes are taken back and the version is free. But where the store was away in the middle of
 * a large file, and the bytes can be given again, they stay, and the reservation ends at once: the same save goes on.
 *
 * @returns the error to throw, which names what is left.
 */
export async function afterFailure(
  deps: RegistryDeps,
  save: FailedSave,
  written: readonly ModelFile[],
  error: unknown,
): Promise<unknown> {
  const left = isModelRegistryError(error) ? error.leftovers : []
  const uploads = left.filter(({ kind }) => kind === 'upload').map(({ at }) => at)
  if (goesOnLater(save, uploads, error)) {
    // A lease that is not ended here ends by itself.
    await deps.metadata.renewReservation(save.saveId, 0).catch(() => {})
    const objects = written.map(({ address }): Leftover => ({ kind: 'object', at: address }))
    return restate(error, { keptAt: uploads[0] ?? save.s3Path }, objects)
  }
  const open = save.continues ? await openBelow(deps, save) : []
  const leftovers = await takeBack(deps, save.saveId, written, [...new Set([...uploads, ...open])])
  return restate(error, {}, [...left.filter(({ kind }) => kind !== 'upload'), ...leftovers], 'instead')
}

function goesOnLater({ resumable, continues }: FailedSave, uploads: readonly string[], error: unknown) {
  if (!resumable || !isModelRegistryError(error) || error.code === 'DATABASE_ERROR') return false
  return PASSING.has(error.reason.id) && (continues || uploads.length > 0)
}

/** What the dead save before this one has open, which this one perhaps has not come to. */
async function openBelow(
  { artifacts }: RegistryDeps,
  { s3Path }: FailedSave,
): Promise<UnfinishedUpload['at'][]> {
  const open: UnfinishedUpload['at'][] = []
  try {
    for await (const { at } of artifacts.listUnfinished(s3Path)) open.push(at)
  } catch {
    // The store is away: a scan lists them once it is back.
  }
  return open
}
