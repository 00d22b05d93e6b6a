import type { ModelFile } from '../domain/model-record.js'
import type { Connection } from './connection.js'
import { DirectSending } from './direct-sending.js'
import { NoDirectWay } from './no-direct-way.js'
import type { BytesPart, Upload, UploadFileOptions } from './upload-file.js'

/** A smaller file takes longer to be announced and looked at than to be sent to the server. */
const SMALLEST_BYTES = 1024 ** 2

export type DirectResult =
  | { readonly is: 'stored'; readonly file: ModelFile }
  /** Give `part` to the server; `why` there is no direct way, where one was tried. */
  | { readonly is: 'through-server'; readonly part: BytesPart; readonly why?: string }

/**
 * Sends a file of a save directly to the store, where server and store offer it and this client can reach the store.
 * Each part is sent again by itself when it fails. The server compares the bytes before the file counts.
 *
 * @throws S3UploadError
 */
export async function uploadDirect(
  connection: Connection,
  upload: Upload,
  part: BytesPart,
  options: UploadFileOptions,
): Promise<DirectResult> {
  const { direct: line } = connection
  const { direct: offered } = upload
  const { size } = part
  if (line === undefined || offered === undefined || size === undefined || size < SMALLEST_BYTES)
    return { is: 'through-server', part }
  if (line.unreachable !== undefined) return { is: 'through-server', part, why: line.unreachable }
  const sending = new DirectSending({ connection, line, upload, part, size, options })
  try {
    return { is: 'stored', file: await sending.run(offered.wholeBytes) }
  } catch (error) {
    const again = error instanceof NoDirectWay ? sending.startedOver() : undefined
    if (error instanceof NoDirectWay && again !== undefined)
      return { is: 'through-server', part: again, ...because(error) }
    await sending.close()
    throw sending.failure(error)
  }
}

function because({ message }: NoDirectWay): { why?: string } {
  return message === '' ? {} : { why: message }
}
