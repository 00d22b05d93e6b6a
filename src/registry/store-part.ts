import { createHash } from 'node:crypto'
import type { ModelFile } from '../domain/model-record.js'
import { givePiece } from '../domain/piece-pool.js'
import type { S3Address } from '../domain/s3-address.js'
import { isSha256 } from '../domain/sha256.js'
import { aborted, leaseLost, objectMissing, sourceFailed } from '../errors/causes/objects.js'
import { isModelRegistryError } from '../errors/model-registry-error.js'
import { S3UploadError } from '../errors/s3-upload-failed/error.js'
import type { StoredObject } from '../ports/artifact-store.js'
import type { Save } from '../ports/metadata-store.js'
import type { ModelPart } from '../sources/model-source.js'
import type { RegistryDeps } from './deps.js'
import { sha256Of } from './digest.js'
import { restate } from './restate.js'
import { addressOf } from './save-context.js'
import { lookBeforeWriting, sideOf } from './spool.js'

export interface StorePartOptions {
  readonly signal: AbortSignal | undefined
  readonly onBytes: (bytes: number) => void
  /** What the caller announced. */
  readonly sha256?: string | undefined
  /** `continue`: a dead save was at work at this address. @see PutOptions.unfinished */
  readonly unfinished?: 'keep' | 'continue' | undefined
}

type Subject = Pick<Save, 'modelId' | 'version' | 's3Path' | 'layout'>

/** Brings one part to its address, or looks up and hashes the object that is there. @throws S3UploadError */
export async function storePart(
  deps: RegistryDeps,
  save: Subject,
  part: ModelPart,
  options: StorePartOptions,
): Promise<ModelFile> {
  const { modelId, version } = save
  if (part.is === 'stored') return hashStored(deps, save, part, options)
  const address = addressOf(save, part.path)
  const { signal, sha256 } = options
  const expected = {
    ...(part.size === undefined ? {} : { size: part.size }),
    ...(sha256 !== undefined && isSha256(sha256) ? { sha256 } : {}),
  }
  const { unfinished } = options
  try {
    const stored =
      (unfinished === 'continue' ? await storedBefore(deps, part, address, options) : undefined) ??
      (await deps.artifacts.put(address, part.open(signal), {
        expected,
        onProgress: options.onBytes,
        ...(unfinished === undefined ? {} : { unfinished }),
        ...(part.reads === 'again' ? { reopen: () => part.open(signal) } : {}),
        ...(signal === undefined ? {} : { signal }),
      }))
    return {
      path: part.path,
      size: stored.size,
      sha256: stored.sha256,
      mediaType: part.mediaType,
      address,
      ownership: 'registry',
      ...(stored.heldBy === undefined ? {} : { heldBy: stored.heldBy }),
    }
  } catch (error) {
    throw lostLease(error, save, signal) ?? restate(error, { modelId, version, file: part.path })
  }
}

/**
 * The object that a dead save has left at the address, when it has the bytes of the part. One with others is removed: the
 * address is this save's, and its put finds it taken otherwise.
 */
async function storedBefore(
  deps: RegistryDeps,
  part: ModelPart & { readonly is: 'bytes' },
  address: S3Address,
  { signal, onBytes }: StorePartOptions,
) {
  const found = await lookBeforeWriting(deps, address)
  if (found === undefined) return undefined
  if (found.size === part.size) {
    const offered = createHash('sha256')
    try {
      for await (const piece of part.open(signal)) {
        offered.update(piece)
        givePiece(piece)
      }
    } catch (cause) {
      throw new S3UploadError(
        { s3Path: address },
        { reason: signal?.aborted ? aborted : sourceFailed, cause },
      )
    }
    const { size, sha256 } = await hashObject(deps, found, signal, onBytes)
    if (sha256 === offered.digest('hex')) return { ...found, size, sha256 }
  }
  await deps.artifacts.delete(address, sideOf(found))
  return undefined
}

/** A lease that was lost aborts the upload; the error tells that, not the abort. */
function lostLease(
  error: unknown,
  save: Subject,
  signal: AbortSignal | undefined,
): S3UploadError | undefined {
  const reason: unknown = signal?.reason
  if (!isModelRegistryError(error) || error.reason !== aborted) return undefined
  return isModelRegistryError(reason) && reason.reason === leaseLost ? leaseLostError(save) : undefined
}

export function leaseLostError({ modelId, version, s3Path }: Omit<Subject, 'layout'>): S3UploadError {
  return new S3UploadError({ modelId, version, s3Path }, { reason: leaseLost })
}

async function hashStored(
  deps: RegistryDeps,
  { modelId, version }: Subject,
  part: ModelPart & { readonly is: 'stored' },
  { signal, onBytes }: StorePartOptions,
): Promise<ModelFile> {
  const facts = { modelId, version, s3Path: part.address, file: part.path }
  const stored = await deps.artifacts.stat(part.address)
  if (stored === undefined) throw new S3UploadError(facts, { reason: objectMissing })
  const { size, sha256 } = await hashObject(deps, stored, signal, onBytes).catch((error: unknown) => {
    if (!isModelRegistryError(error)) throw error
    throw new S3UploadError(facts, { reason: error.reason, cause: error })
  })
  const { path, mediaType, address } = part
  const held = stored.heldBy === undefined ? {} : { heldBy: stored.heldBy }
  return { path, size, sha256, mediaType, address, ownership: 'caller', ...held }
}

/** Reads the object and says what it is. */
export async function hashObject(
  deps: RegistryDeps,
  stored: StoredObject,
  signal: AbortSignal | undefined,
  onBytes: (bytes: number) => void,
) {
  const hash = createHash('sha256')
  let size = 0
  for await (const piece of await deps.artifacts.open(stored.address, {
    ...sideOf(stored),
    ...(signal === undefined ? {} : { signal }),
  })) {
    hash.update(piece)
    size += piece.length
    givePiece(piece)
    onBytes(size)
  }
  return { size, sha256: sha256Of(hash.digest('hex')) }
}
