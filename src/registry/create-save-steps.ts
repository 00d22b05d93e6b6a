import type { FilePath } from '../domain/file-path.js'
import { parseMetadata } from '../domain/metadata.js'
import type { ModelFile } from '../domain/model-record.js'
import { refuse } from '../domain/refuse.js'
import { parseS3Address } from '../domain/s3-address.js'
import { isSha256 } from '../domain/sha256.js'
import { objectExists } from '../errors/causes/objects.js'
import { isModelRegistryError } from '../errors/model-registry-error.js'
import { S3UploadError } from '../errors/s3-upload-failed/error.js'
import type { Save } from '../ports/metadata-store.js'
import { toFilePaths } from '../sources/draft.js'
import type { ModelPart } from '../sources/model-source.js'
import { actorOf } from './actor.js'
import { createDirectSteps } from './create-direct-steps.js'
import type { RegistryDeps } from './deps.js'
import { digestOf } from './digest.js'
import { withHeartbeat } from './heartbeat.js'
import { publish } from './publish.js'
import { announcedPath, goneError, requireSave } from './require-save.js'
import { reserve } from './reserve.js'
import { addressOf, draftOf, settleRefusal } from './save-context.js'
import type { PutFileOptions, SaveSteps } from './save-steps.js'
import { hashObject, leaseLostError, storePart } from './store-part.js'
import { removeOwn, takeBack } from './take-back.js'

export function createSaveSteps(deps: RegistryDeps): SaveSteps {
  const direct = createDirectSteps(deps)

  /** Only of a save that nobody can publish or go on with. What stays of its uploads is listed by a scan. */
  const undoDirect = async (save: Save) => {
    try {
      if ((await deps.metadata.findSave(save.saveId)) === undefined) await direct.undo(save)
    } catch {}
  }

  return {
    direct,

    async begin(metadata, paths, options) {
      const parsed = parseMetadata(metadata)
      const actor = actorOf(deps, options)
      const announced = toFilePaths(paths)
      const draft = { ...draftOf(deps, parsed, announced, actor), announced }
      await reserve(deps, draft, (refusal) => settleRefusal(deps, draft, refusal))
      const { saveId, modelId, version, s3Path } = draft
      const { wholeBytes } = direct
      return {
        ...{ saveId, modelId, version, s3Path, leaseMs: deps.saveLeaseMs },
        ...(wholeBytes === undefined ? {} : { direct: { wholeBytes } }),
      }
    },

    async putFile(saveId, path, content, options) {
      const save = await requireSave(deps, saveId)
      const part: ModelPart = {
        is: 'bytes',
        path: announcedPath(save, path),
        mediaType: options.mediaType ?? 'application/octet-stream',
        reads: 'once',
        ...(options.size === undefined ? {} : { size: options.size }),
        open: () => content,
      }
      return addPart(deps, save, part, options)
    },

    async registerStored(saveId, path, s3Path, options) {
      const save = await requireSave(deps, saveId)
      const part: ModelPart = {
        is: 'stored',
        path: announcedPath(save, path),
        mediaType: options.mediaType ?? 'application/octet-stream',
        address: parseS3Address(s3Path),
      }
      return addPart(deps, save, part, options)
    },

    async publish(saveId, options) {
      const save = await deps.metadata.findSave(saveId)
      if (save === undefined) throw goneError(saveId)
      const actor = actorOf(deps, options)
      const { files } = save
      const missing = missingPaths(save)
      if (missing.length > 0)
        throw refuse(
          'files',
          `no bytes of ${missing.join(', ')}`,
          'every file that was announced, sent before the save is published',
          'The save',
        )
      const record = await publish(deps, { ...save, actor }, { files, digest: digestOf(files) })
      if (save.state === 'saving') deps.events.emit('saved', { record, actor })
      return record
    },

    async discard(saveId) {
      const save = await deps.metadata.findSave(saveId)
      if (save?.state !== 'saving') return
      const held = deps.artifacts.direct !== undefined && (await isHeld(deps, saveId))
      const leftovers = await takeBack(deps, saveId, save.files)
      if (held) await undoDirect(save)
      if (leftovers.length > 0)
        throw new S3UploadError({ ...subject(save), operation: 'discard' }, { leftovers })
    },
  }
}

async function addPart(
  deps: RegistryDeps,
  save: Save,
  part: ModelPart,
  options: PutFileOptions,
): Promise<ModelFile> {
  if (options.sha256 !== undefined && !isSha256(options.sha256))
    throw refuse('sha256', options.sha256, '64 lower-case hexadecimal digits', 'The upload')
  const lease = {
    leaseMs: deps.saveLeaseMs,
    renew: () => deps.metadata.renewReservation(save.saveId, deps.saveLeaseMs),
    onLost: () => leaseLostError(save),
  }
  return withHeartbeat(lease, options.signal, async (signal) => {
    const { sha256, onProgress } = options
    const file = await storePart(deps, save, part, {
      signal,
      sha256,
      onBytes: (bytes) => onProgress?.(bytes),
    }).catch(async (error: unknown) => {
      const recorded = await sentBefore(deps, save, part, error)
      if (recorded === undefined) throw error
      return recorded
    })
    const held = await deps.metadata.addFile(save.saveId, file, deps.saveLeaseMs)
    if (held) return file
    if (file.ownership === 'registry') await removeOwn(deps, save.saveId, [file])
    throw leaseLostError(save)
  })
}

/**
 * The file of a request whose answer was lost and which is sent again: its address is this save's alone, so that what lies
 * there is its own. Whether the bytes are the same is for the sender to compare, by the sha256 of the answer.
 */
async function sentBefore(
  deps: RegistryDeps,
  { saveId }: Save,
  part: ModelPart,
  error: unknown,
): Promise<ModelFile | undefined> {
  if (!isModelRegistryError(error) || error.reason !== objectExists) return undefined
  const save = await deps.metadata.findSave(saveId)
  const recorded = save?.files.find(({ path, address }) => path === part.path && address.includes(saveId))
  if (recorded !== undefined || save === undefined || part.is === 'stored') return recorded
  // The server that stored it has ended before it was recorded.
  const address = addressOf(save, part.path)
  const stored = address.includes(saveId) ? await deps.artifacts.stat(address) : undefined
  if (stored === undefined) return undefined
  const { size, sha256 } = await hashObject(deps, stored, undefined, () => {})
  const { path, mediaType } = part
  const held = stored.heldBy === undefined ? {} : { heldBy: stored.heldBy }
  return { path, size, sha256, mediaType, address, ownership: 'registry', ...held }
}

/** Whether the lease lasts, and will for as long again. */
async function isHeld(deps: RegistryDeps, saveId: string): Promise<boolean> {
  return deps.metadata.renewReservation(saveId, deps.saveLeaseMs).catch(() => false)
}

function subject({ modelId, version, s3Path }: Save) {
  return { modelId, version, s3Path }
}

function missingPaths({ announced = [], files }: Save): FilePath[] {
  const come = new Set<string>(files.map(({ path }) => path))
  return announced.filter((path) => !come.has(path))
}
