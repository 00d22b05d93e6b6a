import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { PIECE_BYTES, takePiece } from '../domain/piece-pool.js'

/** What a file was when it was looked at. */
export interface SeenFile {
  readonly size: number
  readonly mtimeMs: number
  readonly dev: number
  readonly ino: number
}

/**
 * The bytes of a file, which has to be the one that was seen, from the first byte to the last.
 *
 * @param links - `follow` where the caller named the path itself; `refuse` for what a folder was found to hold.
 * @throws Error when it has become another file, longer, shorter or newer; what the system says.
 */
export async function* readSeenFile(
  path: string,
  seen: SeenFile,
  links: 'follow' | 'refuse',
): AsyncGenerator<Uint8Array> {
  // Windows has no O_NOFOLLOW; the comparison below finds a link's target to be another file there too.
  const noFollow = links === 'refuse' ? (constants.O_NOFOLLOW ?? 0) : 0
  const handle = await open(path, constants.O_RDONLY | noFollow)
  try {
    await compare(handle, path, seen)
    for (let at = 0; at < seen.size; ) {
      const length = Math.min(PIECE_BYTES, seen.size - at)
      const piece = length === PIECE_BYTES ? takePiece() : Buffer.allocUnsafeSlow(length)
      const { bytesRead } = await handle.read(piece, 0, piece.length, at)
      if (bytesRead === 0) throw new Error(`The file ${path} ended after ${at} of its ${seen.size} bytes.`)
      at += bytesRead
      yield bytesRead === piece.length ? piece : piece.subarray(0, bytesRead)
    }
    await compare(handle, path, seen)
  } finally {
    await handle.close()
  }
}

async function compare(handle: FileHandle, path: string, seen: SeenFile): Promise<void> {
  const { size, mtimeMs, dev, ino } = await handle.stat()
  if (dev !== seen.dev || ino !== seen.ino)
    throw new Error(`Another file has taken the place of ${path} since the save began.`)
  if (size !== seen.size)
    throw new Error(`The file ${path} had ${seen.size} bytes when the save began, and has ${size}.`)
  if (mtimeMs !== seen.mtimeMs) throw new Error(`The file ${path} was written to while it was saved.`)
}
