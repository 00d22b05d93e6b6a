import { pathInSave } from '../domain/derived-address.js'
import type { FilePath } from '../domain/file-path.js'
import { refuse } from '../domain/refuse.js'
import { type S3Address, toS3Address } from '../domain/s3-address.js'
import { objectExists } from '../errors/causes/objects.js'
import { S3UploadError } from '../errors/s3-upload-failed/error.js'
import type { Reservation, VersionDraft } from '../ports/metadata-store.js'
import type { RegistryDeps } from './deps.js'
import { heldElsewhere } from './held-elsewhere.js'
import { addressOf, folderOf } from './save-context.js'
import { lookBeforeWriting } from './spool.js'
import { leaseLostError } from './store-part.js'

type Reserved = Extract<Reservation, { is: 'reserved' }>
type Refusal = Exclude<Reservation, { is: 'reserved' }>

/** Where a save has its files, once it has the version. */
export interface ReservedPlace {
  readonly s3Path: S3Address
  /** A save whose lease has ended was at work there: what it left is compared, and kept where it is right. */
  readonly continues: boolean
}

/**
 * Reserves the version of `draft`.
 *
 * An address that the caller gave must hold nothing when the version is reserved. So what lies there once that save has
 * lost the version with its lease is what it had written, and is removed: a crash does not block the address.
 *
 * @param settle - turns a refusal into its error, or ends what stood in the way.
 * @param resumable - the files of a save that can give its bytes again: it goes on with what a dead one has left.
 * @throws S3UploadError with reason `object-exists`; ModelValidationError for an address of the form that the registry
 * derives: whoever takes the version over removes what is there and not its own.
 */
export async function reserve(
  deps: RegistryDeps,
  draft: VersionDraft,
  settle: (refusal: Refusal) => Promise<unknown>,
  resumable?: readonly FilePath[],
): Promise<ReservedPlace> {
  refuseDerived(deps, draft)
  const asked = {
    ...unannounced(draft),
    ...(resumable === undefined ? {} : adopting(deps, draft, resumable)),
  }
  for (;;) {
    const answer = await deps.metadata.reserveVersion(asked, deps.saveLeaseMs)
    if (answer.is !== 'reserved') {
      await settle(answer)
      continue
    }
    if (answer.adopted !== undefined) {
      if (resumable !== undefined) await clearOthers(deps, draft, answer.adopted, resumable)
      return { s3Path: answer.adopted, continues: true }
    }
    const { s3Path, layout } = draft
    const { replaced } = answer
    const same = replaced?.s3Path === s3Path && replaced.layout === layout
    const continues = resumable !== undefined && same
    try {
      await clearPlace(deps, draft, replaced, continues ? 'keep' : 'remove')
      await announce(deps, draft)
      return { s3Path, continues }
    } catch (error) {
      // One that cannot be released ends with its lease.
      await deps.metadata.releaseReservation(draft.saveId).catch(() => {})
      throw error
    }
  }
}

/** An address that the registry derives holds the save's id. */
function isGiven({ s3Path, saveId }: VersionDraft): boolean {
  return !s3Path.includes(saveId)
}

/**
 * At an address that the caller gave, nothing is announced before it is known that nothing lies there: when the process
 * dies in between, the next save does not take for its remains what somebody else has there.
 */
function unannounced(draft: VersionDraft): VersionDraft {
  if (!isGiven(draft)) return draft
  const { announced: _, ...rest } = draft
  return rest
}

async function announce({ metadata }: RegistryDeps, draft: VersionDraft): Promise<void> {
  if (!isGiven(draft) || draft.announced === undefined) return
  if (!(await metadata.announceFiles(draft.saveId, draft.announced))) throw leaseLostError(draft)
}

function refuseDerived(deps: RegistryDeps, draft: VersionDraft): void {
  const below = belowOf(deps, draft)
  if (!isGiven(draft) || pathInSave(draft.s3Path, below) === undefined) return
  const allowed = `nothing, or an address that the registry does not choose itself, as it does below ${below} with a UUID`
  throw refuse('s3Path', draft.s3Path, allowed, 'The metadata')
}

function belowOf(deps: RegistryDeps, draft: VersionDraft): S3Address {
  return toS3Address(deps.bucket, folderOf(deps, draft))
}

/** The form of the addresses that the registry derives for this version; nothing where the caller gave one. */
function adopting(
  deps: RegistryDeps,
  draft: VersionDraft,
  paths: readonly FilePath[],
): Pick<VersionDraft, 'adopts'> {
  if (isGiven(draft)) return {}
  const below = belowOf(deps, draft)
  return { adopts: { below, name: draft.layout === 'file' ? paths[0] : undefined } }
}

/** Files of the dead save that this one does not have. What cannot be removed is found by a scan. */
async function clearOthers(
  deps: RegistryDeps,
  { saveId, layout }: VersionDraft,
  s3Path: S3Address,
  paths: readonly FilePath[],
): Promise<void> {
  if (layout === 'file') return
  const own = new Set(paths.map((path) => addressOf({ s3Path, layout }, path)))
  try {
    for await (const { address } of deps.artifacts.list(s3Path)) {
      if (own.has(address) || (await heldElsewhere(deps, saveId, [{ address }])).has(address)) continue
      await deps.artifacts.delete(address)
    }
  } catch {
    // They are nobody's, and in nobody's way.
  }
}

/** Addresses are announced only where the caller gave them: a derived one holds the save's id, and nothing else is there. */
async function clearPlace(
  deps: RegistryDeps,
  draft: VersionDraft,
  replaced: Reserved['replaced'],
  left: 'keep' | 'remove',
): Promise<void> {
  if (!isGiven(draft)) return
  const { modelId, version } = draft
  for (const path of draft.announced ?? []) {
    const address = addressOf(draft, path)
    // Also where nothing lies any more: a deletion under way may remove it once again.
    const held = (await deps.metadata.heldElsewhere(draft.saveId, [address])).has(address)
    if (!held && (await lookBeforeWriting(deps, address)) === undefined) continue
    const own = replaced !== undefined && addressesOf(replaced).includes(address)
    if (!own || held)
      throw new S3UploadError({ modelId, version, s3Path: address, file: path }, { reason: objectExists })
    if (left === 'remove') await deps.artifacts.delete(address)
  }
}

function addressesOf(place: {
  readonly s3Path: S3Address
  readonly layout: VersionDraft['layout']
  readonly announced?: readonly FilePath[] | undefined
}): S3Address[] {
  return (place.announced ?? []).map((path) => addressOf(place, path))
}
