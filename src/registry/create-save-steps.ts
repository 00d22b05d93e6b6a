import { parseFilePath } from '../domain/file-path.js'
import { parseMetadata } from '../domain/metadata.js'
import type { ModelFile } from '../domain/model-record.js'
import { problemOf, refuse } from '../domain/refuse.js'
import { parseS3Address } from '../domain/s3-address.js'
import { isSha256 } from '../domain/sha256.js'
import { leaseLost } from '../errors/causes/objects.js'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import { S3UploadError } from '../errors/s3-upload-failed/error.js'
import type { Save } from '../ports/metadata-store.js'
import type { ModelPart } from '../sources/model-source.js'
import { actorOf } from './actor.js'
import type { RegistryDeps } from './deps.js'
import { digestOf } from './digest.js'
import { withHeartbeat } from './heartbeat.js'
import { publish } from './publish.js'
import { draftOf, settleRefusal } from './save-context.js'
import { takeBack } from './save-model.js'
import type { PutFileOptions, SaveSteps } from './save-steps.js'
import { leaseLostError, storePart } from './store-part.js'

export function createSaveSteps(deps: RegistryDeps): SaveSteps {
  return {
    async begin(metadata, paths, options) {
      const parsed = parseMetadata(metadata)
      const actor = actorOf(deps, options)
      const draft = draftOf(deps, parsed, parsePaths(paths), actor)
      for (;;) {
        const answer = await deps.metadata.reserveVersion(draft, deps.saveLeaseMs)
        if (answer.is === 'reserved') break
        await settleRefusal(deps, draft, answer)
      }
      const { saveId, modelId, version, s3Path } = draft
      return { saveId, modelId, version, s3Path, leaseMs: deps.saveLeaseMs }
    },

    async putFile(saveId, path, content, options) {
      const save = await requireSave(deps, saveId)
      const part: ModelPart = {
        is: 'bytes',
        path: parseFilePath(path),
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
        path: parseFilePath(path),
        mediaType: 'application/octet-stream',
        address: parseS3Address(s3Path),
      }
      return addPart(deps, save, part, options)
    },

    async publish(saveId, options) {
      const save = await deps.metadata.findSave(saveId)
      if (save === undefined) throw goneError(saveId)
      const actor = actorOf(deps, options)
      const { files } = save
      if (files.length === 0)
        throw refuse('files', [], 'at least one file before the save is published', 'The save')
      const record = await publish(deps, { ...save, actor }, { files, digest: digestOf(files) })
      if (save.state === 'saving') deps.events.emit('saved', { record, actor })
      return record
    },

    async discard(saveId) {
      const save = await deps.metadata.findSave(saveId)
      if (save?.state !== 'saving') return
      const [left] = await takeBack(deps, saveId, save.files)
      if (left !== undefined)
        throw new S3UploadError({ ...subject(save), operation: 'discard' }, { leftovers: [left] })
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
    })
    const held = await deps.metadata.addFile(save.saveId, file, deps.saveLeaseMs)
    if (held) return file
    if (file.ownership === 'registry') await deps.artifacts.delete(file.address)
    throw leaseLostError(save)
  })
}

async function requireSave(deps: RegistryDeps, saveId: string): Promise<Save> {
  const save = await deps.metadata.findSave(saveId)
  if (save?.state === 'saving') return save
  throw save === undefined ? goneError(saveId) : leaseLostError(save)
}

function goneError(saveId: string): S3UploadError {
  return new S3UploadError({ s3Path: `the save ${saveId}` }, { reason: leaseLost })
}

function subject({ modelId, version, s3Path }: Save) {
  return { modelId, version, s3Path }
}

function parsePaths(paths: readonly string[]) {
  if (paths.length === 0) throw refuse('files', paths, 'at least one path', 'The save')
  const parsed = paths.map(parseFilePath)
  const folded = new Set(parsed.map((path) => path.toLowerCase()))
  if (folded.size === parsed.length) return parsed
  const allowed = 'paths that differ in more than case'
  throw new ModelValidationError({
    operation: 'The save',
    validationErrors: [problemOf('files', paths, allowed)],
  })
}
