import { createHash } from 'node:crypto'
import type { FilePath } from '../domain/file-path.js'
import type { ModelFile } from '../domain/model-record.js'
import { refuse } from '../domain/refuse.js'
import type { S3Address } from '../domain/s3-address.js'
import { isSha256, type Sha256 } from '../domain/sha256.js'
import { checksumMismatch, lengthMismatch, objectExists, objectMissing } from '../errors/causes/objects.js'
import { isModelRegistryError, type Leftover } from '../errors/model-registry-error.js'
import { S3UploadError } from '../errors/s3-upload-failed/error.js'
import type { DirectTransfer } from '../ports/direct-transfer.js'
import type { Save } from '../ports/metadata-store.js'
import { AbandonedUploads } from './abandoned-uploads.js'
import type { RegistryDeps } from './deps.js'
import { sha256Of } from './digest.js'
import type { DirectSteps, SentFile } from './direct-steps.js'
import { withHeartbeat } from './heartbeat.js'
import { announcedPath, requireSave } from './require-save.js'
import { restate } from './restate.js'
import { addressOf } from './save-context.js'
import { leaseLostError } from './store-part.js'
import { removeOwn } from './take-back.js'

/** What taking a save back needs to undo beside the files that are recorded. */
interface UndoableSteps extends DirectSteps {
  /**
   * Ends the uploads of a save and removes what was sent and not recorded. Only for a save that held its lease until it
   * was taken back, so that no other one goes on at its place. @throws S3Error, S3DeleteError
   */
  undo(save: Save): Promise<void>
}

export function createDirectSteps(deps: RegistryDeps): UndoableSteps {
  const abandoned = new AbandonedUploads(deps)

  /** The save, its file and the store that can do it. */
  const open = async (saveId: string, path: string) => {
    const save = await requireSave(deps, saveId)
    const file = announcedPath(save, path)
    const { direct } = deps.artifacts
    if (direct === undefined)
      throw refuse('path', path, 'a file that is sent to this server: its store takes none directly', UPLOAD)
    const { modelId, version } = save
    return { save, file, direct, address: addressOf(save, file), facts: { modelId, version, file } }
  }

  const renew = async (save: Save) => {
    if (!(await deps.metadata.renewReservation(save.saveId, deps.saveLeaseMs))) throw leaseLostError(save)
  }

  const complete: DirectSteps['complete'] = async (saveId, path, sent) => {
    const { save, file, direct, address, facts } = await open(saveId, path)
    const sha256 = requireSha256(sent.sha256) ?? refuseSha256(sent.sha256)
    const recorded = save.files.find((one) => one.path === path)
    if (recorded?.sha256 === sha256 && recorded.size === sent.size) return recorded
    if (recorded !== undefined)
      throw new S3UploadError({ ...facts, s3Path: address }, { reason: objectExists })
    const lease = {
      leaseMs: deps.saveLeaseMs,
      renew: () => deps.metadata.renewReservation(saveId, deps.saveLeaseMs),
      onLost: () => leaseLostError(save),
    }
    return withHeartbeat(lease, sent.signal, async (signal) => {
      const parts = sent.parts
      if (parts !== undefined)
        await stating(facts, direct.complete(address, parts.uploadId, parts.sent, { signal }))
      await verify(deps, direct, { save, file, address, size: sent.size, sha256 }, signal)
      const entry = fileOf(file, address, sent, sha256)
      if (await deps.metadata.addFile(saveId, entry, deps.saveLeaseMs)) return entry
      // Another save may go on with what lies there, so that it stays, for a scan to find where none does.
      throw leaseLostError(save)
    })
  }

  const inTurn = turns()

  return {
    get wholeBytes() {
      return deps.artifacts.direct?.wholeBytes
    },

    async begin(saveId, path, { size, sha256 }) {
      const known = requireSha256(sha256)
      if (deps.artifacts.direct === undefined) return undefined
      const { save, direct, address, facts } = await open(saveId, path)
      await renew(save)
      const begun = await stating(facts, direct.begin(address, { size, sha256: known }))
      if (begun?.is === 'parts') await abandoned.watch(saveId, { address, uploadId: begun.uploadId })
      return begun
    },

    async signParts(saveId, path, uploadId, parts) {
      const { save, direct, address, facts } = await open(saveId, path)
      await renew(save)
      return stating(facts, direct.signParts(address, uploadId, parts))
    },

    // One after the other: what one finds wrong is removed, and must not be what another has recorded meanwhile.
    complete: (saveId, path, sent) => inTurn(`${saveId} ${path}`, () => complete(saveId, path, sent)),

    async abort(saveId, path, uploadId) {
      const { direct, address, facts } = await open(saveId, path)
      await stating(facts, direct.abort(address, uploadId))
    },

    async renew(saveId) {
      await renew(await requireSave(deps, saveId))
      return { leaseMs: deps.saveLeaseMs }
    },

    async undo(save) {
      const { artifacts } = deps
      if (artifacts.direct === undefined) return
      await abandoned.end(save.saveId)
      if (!save.s3Path.includes(save.saveId)) return
      await artifacts.direct.endUploads(save.s3Path)
      for await (const { address } of artifacts.list(save.s3Path)) await artifacts.delete(address)
    },
  }
}

interface Claim {
  readonly save: Save
  readonly file: FilePath
  readonly address: S3Address
  readonly size: number
  readonly sha256: Sha256
}

/**
 * Compares what was claimed with what lies at the address, and removes what is not the same.
 *
 * The sha256 that a store keeps stands for bytes that it compared when they came. An object that was made of parts has
 * only digests of its parts, from which that of the whole cannot be found: it is read back, a piece at a time.
 */
async function verify(
  deps: RegistryDeps,
  direct: DirectTransfer,
  { save, file, address, size, sha256 }: Claim,
  signal: AbortSignal,
): Promise<void> {
  const { modelId, version, saveId } = save
  const facts = { modelId, version, file, s3Path: address }
  const stored = await stating(facts, deps.artifacts.stat(address))
  if (stored === undefined) throw new S3UploadError(facts, { reason: objectMissing })
  const found =
    stored.size === size
      ? ((await stating(facts, direct.proofOf(address))) ?? (await readBack(deps, address, facts, signal)))
      : { size: stored.size, sha256 }
  if (found.size === size && found.sha256 === sha256) return
  const leftovers = await removeUnrecorded(deps, saveId, address)
  if (found.size !== size)
    throw new S3UploadError(
      { ...facts, expected: size, actual: found.size },
      { reason: lengthMismatch, leftovers },
    )
  throw new S3UploadError(
    { ...facts, expected: sha256, actual: found.sha256 },
    { reason: checksumMismatch, leftovers },
  )
}

/** What this save, or a version that was made of it, has recorded stays: another server may have done so meanwhile. */
async function removeUnrecorded(deps: RegistryDeps, saveId: string, address: S3Address): Promise<Leftover[]> {
  const save = await deps.metadata.findSave(saveId)
  if (save?.state !== 'saving' || save.files.some((file) => file.address === address)) return []
  return removeOwn(deps, saveId, [{ address, ownership: 'registry' }])
}

async function readBack(
  deps: RegistryDeps,
  address: S3Address,
  facts: { readonly s3Path: string },
  signal: AbortSignal,
): Promise<{ readonly size: number; readonly sha256: Sha256 }> {
  const hash = createHash('sha256')
  let size = 0
  try {
    for await (const piece of await deps.artifacts.open(address, { signal })) {
      hash.update(piece)
      size += piece.length
    }
  } catch (error) {
    if (!isModelRegistryError(error)) throw error
    throw new S3UploadError(facts, { reason: error.reason, cause: error })
  }
  return { size, sha256: sha256Of(hash.digest('hex')) }
}

function fileOf(
  path: FilePath,
  address: S3Address,
  { size, mediaType = 'application/octet-stream' }: SentFile,
  sha256: Sha256,
): ModelFile {
  return { path, size, sha256, mediaType, address, ownership: 'registry' }
}

const UPLOAD = 'The upload'

function requireSha256(sha256: string | undefined): Sha256 | undefined {
  return sha256 === undefined || isSha256(sha256) ? sha256 : refuseSha256(sha256)
}

function refuseSha256(sha256: string): never {
  throw refuse('sha256', sha256, '64 lower-case hexadecimal digits', UPLOAD)
}

async function stating<T>(
  facts: { readonly modelId: string; readonly version: string; readonly file: string },
  work: Promise<T>,
): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw restate(error, facts)
  }
}

/** Work that is done one after the other, by its key. */
function turns() {
  const last = new Map<string, Promise<unknown>>()
  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const before = last.get(key)
    const own = (async () => {
      await before?.catch(() => {})
      return work()
    })()
    last.set(key, own)
    try {
      return await own
    } finally {
      if (last.get(key) === own) last.delete(key)
    }
  }
}
