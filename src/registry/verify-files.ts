import type { ModelFile, ModelRecord } from '../domain/model-record.js'
import { givePiece } from '../domain/piece-pool.js'
import { lengthMismatch, objectMissing } from '../errors/causes/objects.js'
import { S3DownloadError } from '../errors/s3-download-failed/error.js'
import type { RegistryDeps } from './deps.js'
import { openVerified } from './open-file.js'
import type { TransferOptions } from './registry.js'
import { requireHere, sideOf } from './spool.js'

/** Files that are asked for at once: more than that does not help a store, and one after the other takes long. */
const PARALLEL = 16

/** Makes sure that every file is in the store with its size. @throws S3DownloadError */
export async function verifyPresence(
  deps: RegistryDeps,
  record: Pick<ModelRecord, 'modelId' | 'version' | 'files'>,
): Promise<void> {
  const { seen } = deps
  const files = seen === undefined ? record.files : record.files.filter((file) => !seen.has(file))
  const [only] = files
  if (only !== undefined && files.length === 1) return verifyFile(deps, record, only)
  for (let at = 0; at < files.length; at += PARALLEL)
    await Promise.all(files.slice(at, at + PARALLEL).map((file) => verifyFile(deps, record, file)))
}

async function verifyFile(
  deps: RegistryDeps,
  record: Pick<ModelRecord, 'modelId' | 'version'>,
  file: ModelFile,
): Promise<void> {
  if (file.heldBy !== undefined) await requireHere(deps, record, file)
  const stored = await deps.artifacts.stat(file.address, sideOf(file))
  if (stored === undefined) throw new S3DownloadError(factsOf(record, file), { reason: objectMissing })
  if (stored.size !== file.size) {
    const facts = { ...factsOf(record, file), expected: file.size, actual: stored.size }
    throw new S3DownloadError(facts, { reason: lengthMismatch })
  }
  deps.seen?.add(file)
}

/** Reads every file and compares its sha256. @throws S3DownloadError */
export async function verifyContent(
  deps: RegistryDeps,
  record: ModelRecord,
  options: TransferOptions,
): Promise<void> {
  let bytes = 0
  for (const file of record.files) {
    const content = await openVerified(deps, record, file, options.signal)
    for await (const piece of content) {
      bytes += piece.length
      givePiece(piece)
      options.onProgress?.({ bytes, totalBytes: record.size, file: file.path })
    }
  }
}

function factsOf(
  { modelId, version }: Pick<ModelRecord, 'modelId' | 'version'>,
  { address, path }: ModelFile,
) {
  return { modelId, version, s3Path: address, file: path }
}
