import type { ModelFile, ModelRecord } from '../domain/model-record.js'
import { bytesPassed } from '../domain/sweep.js'
import { serverUnreachable } from '../errors/causes/http.js'
import { checksumMismatch, invalidRange, lengthMismatch } from '../errors/causes/objects.js'
import { isModelRegistryError } from '../errors/model-registry-error.js'
import { S3DownloadError } from '../errors/s3-download-failed/error.js'
import type { ReadFileOptions } from '../registry/registry.js'
import { DIRECT_HEADER } from '../wire/headers.js'
import type { Ask, Connection } from './connection.js'
import { abortedError, unreachable } from './failure.js'
import { filePath } from './paths.js'
import { pauseOrAbort } from './pause-or-abort.js'
import { createSha256 } from './sha256.js'
import { piecesOf } from './web-stream.js'

/** A smaller file takes longer to be asked for twice than to come through the server. */
const SMALLEST_DIRECT_BYTES = 1024 ** 2

/** How often a body that breaks is taken up again where it broke, without a byte in between. */
const TAKE_UP_AT_MOST = 3

/**
 * The bytes of a file as they come. A body that breaks is taken up where it broke; all bytes together are checked
 * against the sha256 of the record, and the last piece is held back until they are.
 *
 * The server breaks the body of a damaged file before its end. What is missing then comes as a range, which nobody
 * can check by itself, and the check here says what is wrong.
 *
 * @throws S3DownloadError
 */
export async function* readFile(
  connection: Connection,
  record: ModelRecord,
  file: ModelFile,
  { range, signal }: ReadFileOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const subject = { modelId: record.modelId, version: record.version, s3Path: file.address, file: file.path }
  const start = range?.start ?? 0
  const end = Math.min(range?.end ?? file.size, file.size)
  const whole = start === 0 && end === file.size
  if (!whole) refuseRange(start, range?.end, file, subject)
  const hash = await createSha256()
  let at = start
  let held: Uint8Array | undefined
  let breaks = 0
  while (at < end || (whole && at === 0)) {
    const before = at
    try {
      for await (const piece of piecesOf(await open(connection, record, file, { at, end, whole, signal }))) {
        hash.update(piece)
        at += piece.length
        bytesPassed(piece.length)
        if (held !== undefined) yield held
        held = piece
      }
      if (at >= end) break
    } catch (error) {
      const asked = { operation: 'loadModel', server: connection.url, changes: 'nothing' } as const
      const about = { ...asked, subject: { code: 'S3_DOWNLOAD_FAILED', ...subject } } as const
      if (signal?.aborted) throw abortedError(signal.reason, about)
      if (isModelRegistryError(error)) throw error
      breaks = at > before ? 1 : breaks + 1
      if (breaks > TAKE_UP_AT_MOST) throw unreachable(error, about)
      await pauseOrAbort(50 * 2 ** breaks, signal).catch((reason) => {
        throw abortedError(reason, about)
      })
    }
  }
  if (at !== end)
    throw new S3DownloadError({ ...subject, expected: end, actual: at }, { reason: lengthMismatch })
  if (whole) {
    const sha256 = hash.hex()
    if (sha256 !== file.sha256)
      throw new S3DownloadError(
        { ...subject, expected: file.sha256, actual: sha256 },
        { reason: checksumMismatch },
      )
  }
  if (held !== undefined) yield held
}

interface Wanted {
  readonly at: number
  readonly end: number
  readonly whole: boolean
  readonly signal: AbortSignal | undefined
}

async function open(
  connection: Connection,
  record: ModelRecord,
  file: ModelFile,
  wanted: Wanted,
): Promise<ReadableStream<Uint8Array>> {
  const { modelId, version } = record
  const { at, end, whole, signal } = wanted
  const subject = { modelId, version, s3Path: file.address, file: file.path }
  const part = !(whole && at === 0)
  const etag = `"${file.sha256}"`
  const range: Record<string, string> = part ? { range: `bytes=${at}-${end - 1}` } : {}
  const ask: Ask = {
    method: 'GET',
    path: filePath(modelId, version, file.path),
    headers: { accept: '*/*', ...range, ...(part ? { 'if-range': etag } : {}) },
    signal,
    operation: 'loadModel',
    subject: { code: 'S3_DOWNLOAD_FAILED', ...subject },
    repeat: 'freely',
  }
  const read = async (response: Response) => {
    const found = response.redirected ? null : response.headers.get('etag')
    // The version was deleted and saved anew since its record was read.
    if ((found !== null && found !== etag) || (part && response.status !== 206))
      throw new S3DownloadError(
        { ...subject, expected: file.sha256, actual: found ?? 'another file' },
        { reason: checksumMismatch },
      )
    if (response.redirected) connection.direct?.markWorking()
    return response.body ?? new Blob().stream()
  }
  const isDirect = file.size >= SMALLEST_DIRECT_BYTES && connection.direct?.unreachable === undefined
  if (!isDirect || connection.direct === undefined) return connection.ask(ask, read)
  try {
    // The store's entity tags are not those of the server, so that nothing is asked under the condition of one.
    const headers = { accept: '*/*', ...range, [DIRECT_HEADER]: 'redirect' }
    return await connection.ask({ ...ask, headers, repeat: 'never' }, read)
  } catch (error) {
    if (signal?.aborted) throw error
    if (isModelRegistryError(error) && error.reason === serverUnreachable)
      connection.direct.markUnreachable('its address cannot be reached from here')
    return connection.ask(ask, read)
  }
}

function refuseRange(
  start: number,
  end: number | undefined,
  file: ModelFile,
  subject: { readonly s3Path: string },
): void {
  const whole = Number.isSafeInteger(start) && (end === undefined || Number.isSafeInteger(end))
  if (whole && start >= 0 && start < file.size && (end === undefined || end > start)) return
  throw new S3DownloadError(
    { ...subject, expected: file.size, actual: `${start}-${end ?? ''}` },
    { reason: invalidRange },
  )
}
