import type { Json } from '../domain/json.js'
import type { ModelFile, ModelRecord } from '../domain/model-record.js'
import { parseJson } from '../domain/parse-json.js'
import { refuse } from '../domain/refuse.js'
import { fileNotParsable, fileUnknown } from '../errors/causes/objects.js'
import { S3DownloadError } from '../errors/s3-download-failed/error.js'
import { toWebStream } from './web-stream.js'

interface ReadOptions {
  readonly signal?: AbortSignal | undefined
}

interface RangeOptions extends ReadOptions {
  /** `quick`: all bytes are taken as fast as they come, as by a disk. */
  readonly pace?: 'quick' | undefined
  readonly range?: { readonly start: number; readonly end?: number | undefined } | undefined
}

interface SaveToOptions extends ReadOptions {
  readonly onProgress?:
    | ((progress: { readonly bytes: number; readonly totalBytes?: number; readonly file?: string }) => void)
    | undefined
}

/** Opens a file of the version. All of it is checked against its sha256 as it passes; a part cannot be. */
export type OpenFile = (
  file: ModelFile,
  options: RangeOptions,
) => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>

/**
 * What `loadModel` gives, wherever the bytes come from.
 *
 * @param signal - ends every reading that brings no signal of its own.
 */
export function createLoadedModel(record: ModelRecord, open: OpenFile, signal: AbortSignal | undefined) {
  const bytes = async (path?: string, options: ReadOptions = {}): Promise<Uint8Array> =>
    joined(await open(fileOf(record, path), { signal: options.signal ?? signal }))
  const text = async (path?: string, options?: ReadOptions): Promise<string> => {
    const content = await bytes(path, options)
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
    async json(path?: string, options?: ReadOptions): Promise<Json> {
      const content = await text(path, options)
      try {
        return parseJson(content)
      } catch (error) {
        throw notParsable(record, path, 'JSON', error)
      }
    },
    stream(path?: string, { range, signal: own }: RangeOptions = {}) {
      const file = fileOf(record, path)
      return toWebStream(() => open(file, { range, signal: own ?? signal }))
    },
    async saveTo(folder: string, options: SaveToOptions = {}): Promise<string[]> {
      // Late, since a browser has no folders and must not load what writes to them.
      const { writeFiles } = await import('./to-folder.js').catch((cause: unknown) => {
        throw refuse('folder', folder, `a folder in Node, not in a browser (${String(cause)})`, 'saveTo')
      })
      let before = 0
      const files = record.files.map((file) => ({
        path: file.path,
        address: file.address,
        open: async () => open(file, { signal: options.signal ?? signal, pace: 'quick' }),
      }))
      return writeFiles(folder, files, (file, count) => {
        before += count
        options.onProgress?.({ bytes: before, totalBytes: record.size, file })
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
export function fileOf(record: ModelRecord, path: string | undefined): ModelFile {
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
