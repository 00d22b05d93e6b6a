import { type ModelMetadata, type ParsedMetadata, parseMetadata } from '../domain/metadata.js'
import type { ModelRecord } from '../domain/model-record.js'
import { aborted } from '../errors/causes/objects.js'
import { DuplicateModelError } from '../errors/duplicate-model/error.js'
import { isModelRegistryError, type Leftover } from '../errors/model-registry-error.js'
import { createError } from '../errors/revive.js'
import { S3UploadError } from '../errors/s3-upload-failed/error.js'
import type { SaveOptions } from '../registry/registry.js'
import { toParts } from '../sources/from-value.js'
import type { ModelPart, ModelSource } from '../sources/model-source.js'
import { begunSaveSchema } from '../wire/answers.js'
import * as answers from './answers.js'
import type { Connection } from './connection.js'
import { withIdentical } from './identical.js'
import { savePath } from './paths.js'
import { sendFile } from './send-file.js'
import type { Upload } from './upload-file.js'

/** Files on their way at once. */
const PARALLEL = 4

/** @see Registry.saveModel */
export async function saveModel(
  connection: Connection,
  model: ModelSource,
  metadata: ModelMetadata,
  options: SaveOptions = {},
): Promise<ModelRecord> {
  const parsed = parseMetadata(metadata)
  const parts = await toParts(model)
  const { modelId, version, s3Path = '' } = parsed
  if (options.signal?.aborted)
    throw new S3UploadError({ modelId, version, s3Path }, { reason: aborted, cause: options.signal.reason })
  if (parts.every(({ is }) => is === 'stored')) return recordStored(connection, parsed, parts, options)
  const save = await begin(connection, parsed, parts, options)
  let sent = false
  try {
    await sendAll(connection, save, parts, options)
    sent = true
    return await publish(connection, save, options)
  } catch (error) {
    // The version may be there: taking it back would remove what somebody may be reading.
    if (
      isModelRegistryError(error) &&
      error.outcome === 'unknown' &&
      (sent || error.code !== 'S3_UPLOAD_FAILED')
    )
      throw error
    throw restated(error, await takeBack(connection, save))
  }
}

function recordStored(
  connection: Connection,
  metadata: ParsedMetadata,
  parts: readonly ModelPart[],
  { actor, signal }: SaveOptions,
): Promise<ModelRecord> {
  const files = parts.flatMap((part) =>
    part.is === 'stored' ? [{ path: part.path, s3Path: part.address, mediaType: part.mediaType }] : [],
  )
  return connection.ask(
    {
      method: 'POST',
      path: '/api/models',
      json: { metadata, files },
      actor,
      signal,
      operation: 'saveModel',
      subject: subjectOf({ ...metadata, s3Path: metadata.s3Path ?? files[0]?.s3Path ?? '' }),
      decides: 'save',
      repeat: 'by-key',
    },
    answers.json(answers.record),
  )
}

async function begin(
  connection: Connection,
  metadata: ParsedMetadata,
  parts: readonly ModelPart[],
  { actor, signal }: SaveOptions,
): Promise<Upload> {
  try {
    return await connection.ask(
      {
        method: 'POST',
        path: '/api/saves',
        json: { metadata, files: parts.map(({ path }) => path) },
        actor,
        signal,
        operation: 'saveModel',
        subject: { modelId: metadata.modelId, version: metadata.version },
        repeat: 'by-key',
      },
      answers.json(begunSaveSchema),
    )
  } catch (error) {
    if (error instanceof DuplicateModelError) throw await withIdentical(connection, error, parts)
    throw error
  }
}

async function sendAll(
  connection: Connection,
  save: Upload,
  parts: readonly ModelPart[],
  { actor, signal, onProgress }: SaveOptions,
): Promise<void> {
  const failed = new AbortController()
  const ended = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal])
  const sizes = parts.map((part) => (part.is === 'bytes' ? part.size : 0))
  const total = sizes.every((size) => size !== undefined)
    ? sizes.reduce((sum, size) => sum + size, 0)
    : undefined
  const done = new Map<string, number>()
  let bytes = 0
  const report = (file: string, fileBytes: number) => {
    const before = done.get(file) ?? 0
    // A file that is sent again counts from where it got before.
    if (fileBytes <= before) return
    done.set(file, fileBytes)
    bytes += fileBytes - before
    onProgress?.({ bytes, file, ...(total === undefined ? {} : { totalBytes: total }) })
  }
  const waiting = parts.values()
  const work = async () => {
    for (const part of waiting) {
      if (ended.aborted) return
      if (part.is === 'stored') await sendStored(connection, save, part, { actor, signal: ended })
      else await sendFile(connection, save, part, { signal: ended, onBytes: (n) => report(part.path, n) })
    }
  }
  const workers = Array.from({ length: Math.min(PARALLEL, parts.length) }, () =>
    work().catch((error: unknown) => {
      failed.abort(error)
      throw error
    }),
  )
  await Promise.allSettled(workers)
  if (failed.signal.aborted) throw failed.signal.reason
  if (signal?.aborted) {
    const { modelId, version, s3Path } = save
    throw new S3UploadError({ modelId, version, s3Path }, { reason: aborted, cause: signal.reason })
  }
}

async function sendStored(
  connection: Connection,
  save: Upload,
  part: ModelPart & { readonly is: 'stored' },
  { actor, signal }: { readonly actor: string | undefined; readonly signal: AbortSignal },
): Promise<void> {
  await connection.ask(
    {
      method: 'POST',
      path: `${savePath(save.saveId)}/stored`,
      json: { path: part.path, s3Path: part.address, mediaType: part.mediaType },
      actor,
      signal,
      operation: 'saveModel',
      subject: { ...subjectOf(save), file: part.path },
      repeat: 'freely',
    },
    answers.json(answers.file),
  )
}

/** Publishing twice gives the same version, so that it needs no key to be repeated. */
function publish(connection: Connection, save: Upload, { actor, signal }: SaveOptions): Promise<ModelRecord> {
  const { modelId, version, s3Path } = save
  return connection.ask(
    {
      method: 'POST',
      path: `${savePath(save.saveId)}/publish`,
      actor,
      signal,
      operation: 'saveModel',
      subject: { modelId, version, s3Path },
      decides: 'save',
      repeat: 'freely',
    },
    answers.json(answers.record),
  )
}

/** Frees the version after a failure, whatever ended the save. @returns what could not be taken back. */
async function takeBack(connection: Connection, { saveId }: Upload): Promise<Leftover[]> {
  try {
    await connection.ask(
      { method: 'DELETE', path: savePath(saveId), operation: 'saveModel', repeat: 'freely' },
      answers.nothing,
    )
    return []
  } catch {
    // The server takes it back by itself when the lease ends; until then it is there.
    return [{ kind: 'reservation', at: saveId }]
  }
}

function restated(error: unknown, leftovers: readonly Leftover[]): unknown {
  if (!isModelRegistryError(error) || leftovers.length === 0) return error
  const { code, context, reason, outcome, cause, message } = error
  return createError(code, context, {
    reason,
    outcome,
    cause,
    message,
    leftovers: [...error.leftovers, ...leftovers],
  })
}

function subjectOf({ modelId, version, s3Path }: Pick<Upload, 'modelId' | 'version' | 's3Path'>) {
  return { code: 'S3_UPLOAD_FAILED', modelId, version, s3Path } as const
}
