import type { FilePath } from '../domain/file-path.js'
import type { ParsedMetadata } from '../domain/metadata.js'
import { refuse } from '../domain/refuse.js'
import { childAddress, type S3Address, toS3Address } from '../domain/s3-address.js'
import { nextVersion } from '../domain/version.js'
import { duplicateReady, duplicateSaving } from '../errors/causes/registry.js'
import { DuplicateModelError } from '../errors/duplicate-model/error.js'
import type { Reservation, VersionDraft } from '../ports/metadata-store.js'
import { removeContent } from './delete-model.js'
import type { RegistryDeps } from './deps.js'

/** Where a save puts its files: the address of its only file, or of the folder that holds them. */
export type SavePlace = Pick<VersionDraft, 's3Path' | 'layout'>

/** The key of a derived address holds the save's id, so that no two saves ever write the same address. */
export function draftOf(
  deps: RegistryDeps,
  metadata: ParsedMetadata,
  paths: readonly FilePath[],
  actor: string,
): VersionDraft {
  const saveId = deps.newId()
  const { s3Path, ...rest } = metadata
  const [only] = paths
  const layout = paths.length === 1 ? 'file' : 'folder'
  const folder = `${folderOf(deps, metadata)}/${saveId}`
  if (s3Path !== undefined) return { ...rest, saveId, layout, actor, s3Path, announced: paths }
  const derived = toS3Address(deps.bucket, layout === 'file' ? `${folder}/${only}` : folder)
  return { ...rest, saveId, layout, actor, s3Path: derived }
}

/** The key below which all derived addresses of a version are. */
export function folderOf(
  { prefix }: Pick<RegistryDeps, 'prefix'>,
  { modelId, version }: Pick<VersionDraft, 'modelId' | 'version'>,
): string {
  return `${prefix === undefined ? '' : `${prefix}/`}${modelId}/${version}`
}

export function addressOf({ s3Path, layout }: SavePlace, path: FilePath): S3Address {
  return layout === 'file' ? s3Path : childAddress(s3Path, path)
}

/**
 * Turns a refused reservation into its error; finishes a deletion that a crash interrupted.
 *
 * @returns `retry` when the version has become free.
 * @throws DuplicateModelError, ModelValidationError
 */
export async function settleRefusal(
  deps: RegistryDeps,
  draft: VersionDraft,
  refusal: Exclude<Reservation, { is: 'reserved' }>,
): Promise<'retry'> {
  const { modelId, version } = draft
  if (refusal.is === 'name-clash')
    throw refuse(
      'modelId',
      modelId,
      `a name that differs from ${refusal.existing} in more than case`,
      'The metadata',
    )
  switch (refusal.by) {
    case 'save':
      throw new DuplicateModelError(
        { modelId, version, retryInMs: Math.max(0, refusal.expiresInMs) },
        { reason: duplicateSaving },
      )
    case 'version': {
      const highest = await deps.metadata.listVersions(modelId, { limit: 1 })
      const next = nextVersion(highest.map((record) => record.version))
      throw new DuplicateModelError({ modelId, version, nextVersion: next }, { reason: duplicateReady })
    }
    case 'deletion': {
      const deletion = await deps.metadata.findDeletion(modelId, version)
      if (deletion !== undefined) await removeContent(deps, deletion)
      return 'retry'
    }
  }
}
