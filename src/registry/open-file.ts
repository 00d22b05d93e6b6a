import { parseModelId } from '../domain/model-id.js'
import type { ModelFile, ModelRecord } from '../domain/model-record.js'
import { aborted, invalidRange } from '../errors/causes/objects.js'
import { S3DownloadError } from '../errors/s3-download-failed/error.js'
import type { Bytes } from '../ports/artifact-store.js'
import { fileOf } from '../sources/create-loaded-model.js'
import { checkedBytes } from './checked-bytes.js'
import type { RegistryDeps } from './deps.js'
import type { OpenedFile } from './engine.js'
import { requireVersion } from './not-found.js'
import type { ReadFileOptions } from './registry.js'
import { restate } from './restate.js'
import { requireHere, sideOf } from './spool.js'

interface Pace {
  /** @see OpenFile */
  readonly pace?: 'quick' | undefined
}

/** One file of a version. @see Engine.openFile */
export async function openFile(
  deps: RegistryDeps,
  modelId: string,
  version: string,
  path: string,
  options: ReadFileOptions = {},
): Promise<OpenedFile> {
  const record = await requireVersion(deps, parseModelId(modelId), version)
  const file = fileOf(record, path)
  return { record, file, content: await openRange(deps, record, file, options) }
}

/** A part of the file as it is stored, or all of it checked. */
export async function openRange(
  deps: RegistryDeps,
  record: ModelRecord,
  file: ModelFile,
  { signal, range, pace }: ReadFileOptions & Pace,
): Promise<Bytes> {
  if (range === undefined || (range.start === 0 && (range.end === undefined || range.end >= file.size)))
    return openVerified(deps, record, file, signal, pace)
  const { modelId, version } = record
  const facts = { modelId, version, s3Path: file.address, file: file.path }
  const { start, end } = range
  const whole = Number.isSafeInteger(start) && (end === undefined || Number.isSafeInteger(end))
  if (!whole || start < 0 || start >= file.size || (end !== undefined && end <= start))
    throw new S3DownloadError(
      { ...facts, expected: file.size, actual: `${start}-${end ?? ''}` },
      { reason: invalidRange },
    )
  await requireHere(deps, record, file)
  try {
    return await deps.artifacts.open(file.address, {
      ...sideOf(file),
      range: end === undefined ? { start } : { start, end },
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (error) {
    deps.seen?.forget(file)
    throw restate(error, facts)
  }
}

/** All bytes of the file, checked as they pass. */
export async function openVerified(
  deps: RegistryDeps,
  record: ModelRecord,
  file: ModelFile,
  signal: AbortSignal | undefined,
  pace?: Pace['pace'],
): Promise<Bytes> {
  const { modelId, version } = record
  const facts = { modelId, version, s3Path: file.address, file: file.path }
  if (signal?.aborted) throw new S3DownloadError(facts, { reason: aborted, cause: signal.reason })
  await requireHere(deps, record, file)
  try {
    const content = await deps.artifacts.open(file.address, {
      ...sideOf(file),
      ...(signal === undefined ? {} : { signal }),
      ...(pace === undefined ? {} : { size: file.size }),
    })
    return checkedBytes(content, file, { modelId, version })
  } catch (error) {
    deps.seen?.forget(file)
    throw restate(error, facts)
  }
}
