import type { ModelMetadata, ParsedMetadata } from '../domain/metadata.js'
import { parseMetadata } from '../domain/metadata.js'
import type { ModelFile, ModelRecord } from '../domain/model-record.js'
import { refuse } from '../domain/refuse.js'
import type { S3Address } from '../domain/s3-address.js'
import { aborted } from '../errors/causes/objects.js'
import { isModelRegistryError } from '../errors/model-registry-error.js'
import { S3UploadError } from '../errors/s3-upload-failed/error.js'
import type { VersionDraft } from '../ports/metadata-store.js'
import { toParts } from '../sources/from-value.js'
import type { ModelPart, ModelSource } from '../sources/model-source.js'
import { actorOf } from './actor.js'
import { inBatches } from './address-batches.js'
import { afterFailure, type FailedSave } from './after-failure.js'
import type { RegistryDeps } from './deps.js'
import { digestOf, sha256Of } from './digest.js'
import { withHeartbeat } from './heartbeat.js'
import { withIdentical } from './identical.js'
import { objectUnderwayError, publish } from './publish.js'
import type { SaveOptions } from './registry.js'
import { reserve } from './reserve.js'
import { draftOf, settleRefusal } from './save-context.js'
import { leaseLostError, storePart } from './store-part.js'
import { createTransferMeter } from './transfer-meter.js'

/** Files on their way at once. More does not help one disk, and each holds a descriptor and a buffer. */
const PARALLEL = 4

/** @see Registry.saveModel */
export async function saveModel(
  deps: RegistryDeps,
  model: ModelSource,
  metadata: ModelMetadata,
  options: SaveOptions = {},
): Promise<ModelRecord> {
  const parsed = parseMetadata(metadata)
  const actor = actorOf(deps, options)
  const parts = await toParts(model)
  const draft = draftOf(
    deps,
    withStoredPath(parsed, parts),
    parts.map(({ path }) => path),
    actor,
  )
  throwIfAborted(draft, options.signal)
  const record = (await isOfForeignObjects(deps, parts))
    ? await recordStored(deps, draft, parts, options)
    : await storeAndPublish(deps, draft, parts, options)
  deps.events.emit('saved', { record, actor })
  return record
}

/**
 * A version made of one stored object is at the address of that object.
 *
 * @throws ModelValidationError when the metadata says another.
 */
function withStoredPath(metadata: ParsedMetadata, parts: readonly ModelPart[]): ParsedMetadata {
  const [only] = parts
  if (only?.is !== 'stored' || parts.length > 1) return metadata
  const { s3Path = only.address } = metadata
  if (s3Path === only.address) return { ...metadata, s3Path }
  throw refuse('s3Path', s3Path, `${only.address}, where the object is, or nothing`, 'The metadata')
}

/**
 * Whether the version is made of stored objects alone that the registry did not write: it removes none of them. Others may
 * be removed between being looked at and being recorded, so that they are recorded first.
 */
async function isOfForeignObjects({ metadata }: RegistryDeps, parts: readonly ModelPart[]): Promise<boolean> {
  const stored = parts.flatMap((part) => (part.is === 'stored' ? [part.address] : []))
  if (stored.length < parts.length) return false
  for (const addresses of inBatches(stored))
    if ((await metadata.knownAddresses(addresses, 'by-the-registry')).size > 0) return false
  return true
}

/** Nothing has to be written, so that reserving and publishing are one transaction. */
async function recordStored(
  deps: RegistryDeps,
  draft: VersionDraft,
  parts: readonly ModelPart[],
  options: SaveOptions,
): Promise<ModelRecord> {
  const files = await storeAll(deps, draft, parts, options, options.signal, () => {})
  for (;;) {
    const answer = await deps.metadata.recordVersion(draft, { files, digest: digestOf(files) })
    switch (answer.is) {
      case 'published':
        return answer.record
      case 'lease-lost':
        throw leaseLostError(draft)
      case 'object-underway':
        throw objectUnderwayError(draft, answer.address)
      case 'taken':
      case 'name-clash':
        await withIdentical(deps, parts, () => settleRefusal(deps, draft, answer))
    }
  }
}

async function storeAndPublish(
  deps: RegistryDeps,
  draft: VersionDraft,
  parts: readonly ModelPart[],
  options: SaveOptions,
): Promise<ModelRecord> {
  const resumable = parts.every((part) => part.is === 'stored' || isReadable(part))
  const place = await reserve(
    deps,
    { ...draft, ...writing(draft, parts) },
    (refusal) => withIdentical(deps, parts, () => settleRefusal(deps, draft, refusal)),
    resumable ? parts.map(({ path }) => path) : undefined,
  )
  const save = { ...draft, ...place, resumable }
  const written: ModelFile[] = []
  let publishing = false
  const lease = {
    leaseMs: deps.saveLeaseMs,
    renew: () => deps.metadata.renewReservation(draft.saveId, deps.saveLeaseMs),
    onLost: () => leaseLostError(save),
  }
  try {
    return await withHeartbeat(lease, options.signal, async (signal) => {
      await claimStored(deps, save, parts)
      await storeAll(deps, save, parts, options, signal, (file) => written.push(file))
      throwIfAborted(save, signal)
      publishing = true
      return await publish(deps, save, { files: written, digest: digestOf(written) })
    })
  } catch (error) {
    // The version may be visible: its bytes must stay.
    if (publishing && isModelRegistryError(error) && error.outcome === 'unknown') throw error
    throw await afterFailure(deps, save, written, error)
  }
}

/** Of an address that the caller gave, what is written there: objects that are stored already lie where they lie. */
function writing({ announced }: VersionDraft, parts: readonly ModelPart[]): Pick<VersionDraft, 'announced'> {
  return announced === undefined
    ? {}
    : { announced: parts.flatMap(({ is, path }) => (is === 'bytes' ? [path] : [])) }
}

/**
 * Records which stored objects the save will have, before it looks at them: whoever deletes a version of theirs from here on
 * leaves them.
 *
 * @throws S3UploadError for one that is being removed.
 */
async function claimStored(
  deps: RegistryDeps,
  save: VersionDraft,
  parts: readonly ModelPart[],
): Promise<void> {
  const claimed = new Set<S3Address>()
  for (const part of parts) {
    if (part.is !== 'stored') continue
    const { path, mediaType, address } = part
    const file = { path, mediaType, address, size: 0, sha256: UNKNOWN_SHA256, ownership: 'caller' } as const
    if (!(await deps.metadata.addFile(save.saveId, file, deps.saveLeaseMs))) throw leaseLostError(save)
    claimed.add(address)
  }
  if (claimed.size === 0) return
  for (const { is, files } of await deps.metadata.listUnfinished()) {
    const removed = is === 'deleting' ? files.find(({ address }) => claimed.has(address)) : undefined
    if (removed !== undefined) throw objectUnderwayError(save, removed.address)
  }
}

/** Until the object was read; a version that is visible has none like it. */
const UNKNOWN_SHA256 = sha256Of('0'.repeat(64))

/** Whether it can be read again from its beginning, and its size is known. */
function isReadable(part: ModelPart): boolean {
  return part.is === 'bytes' && part.reads === 'again' && part.size !== undefined
}

type StoredSave = VersionDraft & Partial<Pick<FailedSave, 'continues' | 'resumable'>>

async function storeAll(
  deps: RegistryDeps,
  save: StoredSave,
  parts: readonly ModelPart[],
  options: SaveOptions,
  signal: AbortSignal | undefined,
  onStored: (file: ModelFile) => void,
): Promise<ModelFile[]> {
  const meter = createTransferMeter(parts, options.onProgress)
  const unfinished = save.resumable ? (save.continues ? 'continue' : 'keep') : undefined
  const failed = new AbortController()
  const ended = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal])
  const waiting = parts.values()
  const files: ModelFile[] = []
  const work = async () => {
    for (const part of waiting) {
      if (ended.aborted) return
      const onBytes = (bytes: number) => meter.report(part.path, bytes)
      const file = await storePart(deps, save, part, { signal: ended, onBytes, unfinished })
      files.push(file)
      onStored(file)
    }
  }
  const workers = Array.from({ length: Math.min(PARALLEL, parts.length) }, () =>
    work().catch((error: unknown) => {
      failed.abort(error)
      throw error
    }),
  )
  const results = await Promise.allSettled(workers)
  if (failed.signal.aborted) throw failed.signal.reason
  const rejected = results.find((result) => result.status === 'rejected')
  if (rejected !== undefined) throw rejected.reason
  return files
}

function throwIfAborted({ modelId, version, s3Path }: VersionDraft, signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return
  if (isModelRegistryError(signal.reason)) throw signal.reason
  throw new S3UploadError({ modelId, version, s3Path }, { reason: aborted, cause: signal.reason })
}
