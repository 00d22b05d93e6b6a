import type { Json } from '../domain/json.js'
import { parseModelId } from '../domain/model-id.js'
import type { ModelRecord } from '../domain/model-record.js'
import { aborted, fileNotParsable } from '../errors/causes/objects.js'
import { S3DownloadError } from '../errors/s3-download-failed/error.js'
import { writeFiles } from '../sources/to-folder.js'
import type { RegistryDeps } from './deps.js'
import { requireVersion } from './not-found.js'
import { fileOf, openRange, openVerified } from './open-file.js'
import type { LoadedModel } from './registry.js'
import { toWebStream } from './web-stream.js'

/** @see Registry.loadModel */
export async function loadModel(
  deps: RegistryDeps,
  modelId: string,
  version: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<LoadedModel> {
  const record = await requireVersion(deps, parseModelId(modelId), version)
  if (signal?.aborted) {
    const facts = { modelId: record.modelId, version: record.version, s3Path: record.s3Path }
    throw new S3DownloadError(facts, { reason: aborted, cause: signal.reason })
  }
  return loadedModel(deps, record, signal)
}

export function loadedModel(
  deps: RegistryDeps,
  record: ModelRecord,
  signal: AbortSignal | undefined,
): LoadedModel {
  const read = async (path: string | undefined): Promise<Buffer> => {
    const file = fileOf(record, path)
    const pieces: Uint8Array[] = []
    for await (const piece of await openVerified(deps, record, file, signal)) pieces.push(piece)
    return Buffer.concat(pieces)
  }
  const text = async (path: string | undefined): Promise<string> => {
    const bytes = await read(path)
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } catch (error) {
      throw notParsable(record, path, 'text in UTF-8', error)
    }
  }
  return {
    record,
    files: record.files,
    text,
    async json(path) {
      const content = await text(path)
      try {
        const value: Json = JSON.parse(content)
        return value
      } catch (error) {
        throw notParsable(record, path, 'JSON', error)
      }
    },
    async bytes(path) {
      return new Uint8Array(await read(path))
    },
    stream(path, options = {}) {
      const file = fileOf(record, path)
      return toWebStream(() => openRange(deps, record, file, { signal, ...options }))
    },
    saveTo(folder, options = {}) {
      const ended = options.signal ?? signal
      let before = 0
      return writeFiles(
        folder,
        record.files.map((file) => ({
          path: file.path,
          address: file.address,
          open: () => openVerified(deps, record, file, ended),
        })),
        (file, bytes) => {
          before += bytes
          options.onProgress?.({ bytes: before, totalBytes: record.size, file })
        },
      )
    },
  }
}

function notParsable(
  record: ModelRecord,
  path: string | undefined,
  expected: string,
  cause: unknown,
): S3DownloadError {
  const { address, path: file } = fileOf(record, path)
  const { modelId, version } = record
  return new S3DownloadError(
    { modelId, version, s3Path: address, file, expected },
    { reason: fileNotParsable, cause },
  )
}
