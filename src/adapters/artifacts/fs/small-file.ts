import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { aborted, lengthMismatch } from '../../../errors/causes/objects.js'
import type { ByteRange } from '../../../ports/artifact-store.js'
import { Refusal } from '../refusal.js'

/** Each of opening, looking, reading and closing takes 2 µs here and 30 µs or more by way of the thread pool. */
const SMALL_BYTES = 64 * 1024

// Windows has neither; there, opening a FIFO or following a link at the end of a path is no concern of a store.
export const READ_ONLY = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/**
 * What is in a small file; undefined for a larger one and for what is no file.
 *
 * @param part - the bytes that are wanted of a file of that size.
 * @throws what the system says
 */
export function readSmall(
  path: string,
  part: (size: number) => Required<ByteRange>,
): Buffer<ArrayBuffer> | undefined {
  const file = openSync(path, READ_ONLY)
  try {
    const found = fstatSync(file)
    if (!found.isFile() || found.size > SMALL_BYTES) return undefined
    const { start, end } = part(found.size)
    const bytes = Buffer.allocUnsafeSlow(end - start)
    const length = readSync(file, bytes, 0, bytes.length, start)
    if (length < bytes.length) throw new Refusal(lengthMismatch, { expected: bytes.length, actual: length })
    return bytes
  } finally {
    closeSync(file)
  }
}

/** @param failure - makes the error that readers get. */
export async function* onePiece(
  piece: Uint8Array,
  signal: AbortSignal | undefined,
  failure: (error: unknown) => Error,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (signal?.aborted) throw failure(new Refusal(aborted))
  if (piece.length > 0) yield piece
  if (signal?.aborted) throw failure(new Refusal(aborted))
}
