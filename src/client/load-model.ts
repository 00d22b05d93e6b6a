import type { Json } from '../domain/json.js'
import { parseModelId } from '../domain/model-id.js'
import type { ModelFile, ModelRecord } from '../domain/model-record.js'
import { refuse } from '../domain/refuse.js'
import { parseVersionRef } from '../domain/version-ref.js'
import { fileNotParsable, fileUnknown } from '../errors/causes/objects.js'
import { S3DownloadError } from '../errors/s3-download-failed/error.js'
import type { LoadedModel } from '../registry/registry.js'
import * as answers from './answers.js'
import type { Connection } from './connection.js'
import { versionPath } from './paths.js'
import { readFile } from './read-file.js'
import { toWebStream } from './web-stream.js'

/** @see Registry.loadModel */
export async function loadModel(
  connection: Connection,
  modelId: string,
  version: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<LoadedModel> {
  const id = parseModelId(modelId)
  parseVersionRef(version)
  const record = await connection.ask(
    {
      method: 'GET',
      path: versionPath(id, version),
      query: { verify: 'none' },
      signal,
      operation: 'loadModel',
      subject: { code: 'S3_DOWNLOAD_FAILED', modelId: id, version },
      repeat: 'freely',
    },
    answers.json(answers.record),
  )
  return loadedModel(connection, record, signal)
}

function loadedModel(
  connection: Connection,
  record: ModelRecord,
  signal: AbortSignal | undefined,
): LoadedModel {
  const open = (file: ModelFile, ended = signal) => readFile(connection, record, file, { signal: ended })
  const bytes = async (path: string | undefined) => joined(open(fileOf(record, path)))
  const text = async (path: string | undefined) => {
    const content = await bytes(path)
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(content)
    } catch (error) {
      throw notParsable(record, path, 'text in UTF-8', error)
    }
  }
  return {
    record,
    files: record.files,
    bytes,
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
    stream(path, options = {}) {
      return toWebStream(readFile(connection, record, fileOf(record, path), { signal, ...options }))
    },
    async saveTo(folder, options = {}) {
      const { writeFiles } = await import('../sources/to-folder.js').catch((cause: unknown) => {
        throw refuse('folder', folder, `a folder in Node, not in a browser (${String(cause)})`, 'saveTo')
      })
      let done = 0
      const files = record.files.map((file) => ({
        path: file.path,
        address: file.address,
        open: async () => open(file, options.signal ?? signal),
      }))
      return writeFiles(folder, files, (file, count) => {
        done += count
        options.onProgress?.({ bytes: done, totalBytes: record.size, file })
      })
    },
  }
}

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  let size = 0
  for await (const piece of pieces) {
    all.push(piece)
    size += piece.length
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const piece of all) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/** The file of that path, or the only one. @throws S3DownloadError with reason `file-unknown` */
function fileOf(record: ModelRecord, path: string | undefined): ModelFile {
  const { files, modelId, version, s3Path } = record
  const file = path === undefined && files.length === 1 ? files[0] : files.find((one) => one.path === path)
  if (file !== undefined) return file
  const known = files.slice(0, 20).map((one) => one.path)
  const expected = files.length > known.length ? `${known.join(', ')}, …` : known.join(', ')
  throw new S3DownloadError(
    { modelId, version, s3Path, expected, ...(path === undefined ? {} : { file: path }) },
    { reason: fileUnknown },
  )
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
