import type { FilePath } from '../domain/file-path.js'
import type { S3Address } from '../domain/s3-address.js'
import { objectExists } from '../errors/causes/objects.js'
import { S3UploadError } from '../errors/s3-upload-failed/error.js'
import type { Reservation, VersionDraft } from '../ports/metadata-store.js'
import type { RegistryDeps } from './deps.js'
import { addressOf } from './save-context.js'

type Reserved = Extract<Reservation, { is: 'reserved' }>
type Refusal = Exclude<Reservation, { is: 'reserved' }>

/**
 * Reserves the version of `draft`.
 *
 * An address that the caller gave must hold nothing when the version is reserved. So what lies there once that save has
 * lost the version with its lease is what it had written, and is removed: a crash does not block the address.
 *
 * @param settle - turns a refusal into its error, or ends what stood in the way.
 * @throws S3UploadError with reason `object-exists`.
 */
export async function reserve(
  deps: RegistryDeps,
  draft: VersionDraft,
  settle: (refusal: Refusal) => Promise<unknown>,
): Promise<void> {
  for (;;) {
    const answer = await deps.metadata.reserveVersion(draft, deps.saveLeaseMs)
    if (answer.is !== 'reserved') {
      await settle(answer)
      continue
    }
    try {
      return await clearPlace(deps, draft, answer.replaced)
    } catch (error) {
      await deps.metadata.releaseReservation(draft.saveId)
      throw error
    }
  }
}

/** Addresses are announced only where the caller gave them: a derived one holds the save's id, and nothing else is there. */
async function clearPlace(
  deps: RegistryDeps,
  draft: VersionDraft,
  replaced: Reserved['replaced'],
): Promise<void> {
  if (draft.s3Path.includes(draft.saveId)) return
  const { modelId, version } = draft
  for (const path of draft.announced ?? []) {
    const address = addressOf(draft, path)
    // Also where nothing lies any more: a deletion under way may remove it once again.
    const held = (await deps.metadata.heldElsewhere(draft.saveId, [address])).has(address)
    if (!held && (await deps.artifacts.stat(address)) === undefined) continue
    const left = replaced !== undefined && addressesOf(replaced).includes(address)
    if (!left || held)
      throw new S3UploadError({ modelId, version, s3Path: address, file: path }, { reason: objectExists })
    await deps.artifacts.delete(address)
  }
}

function addressesOf(place: {
  readonly s3Path: S3Address
  readonly layout: VersionDraft['layout']
  readonly announced?: readonly FilePath[] | undefined
}): S3Address[] {
  return (place.announced ?? []).map((path) => addressOf(place, path))
}
