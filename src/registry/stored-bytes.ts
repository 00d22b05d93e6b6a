import type { ModelFile } from '../domain/model-record.js'
import type { S3Address } from '../domain/s3-address.js'
import { checksumMismatch, lengthMismatch } from '../errors/causes/objects.js'
import { isModelRegistryError } from '../errors/model-registry-error.js'
import type { ArtifactStore, ByteRange, Bytes, PutOptions, PutResult } from '../ports/artifact-store.js'
import { checkedBytes } from './checked-bytes.js'

/** An object, or a part of one, that is known to be small. */
export async function bytesOf(
  store: ArtifactStore,
  address: S3Address,
  options: { readonly range?: ByteRange; readonly signal?: AbortSignal } = {},
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of await store.open(address, options)) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** Stores `content`; where that itself fails with an error of the registry, it is this error that is thrown. */
export async function putFrom(
  store: ArtifactStore,
  address: S3Address,
  content: Bytes,
  options: PutOptions,
): Promise<PutResult> {
  let failure: unknown
  async function* watched() {
    try {
      yield* content
    } catch (error) {
      failure = error
      throw error
    }
  }
  try {
    return await store.put(address, watched(), options)
  } catch (error) {
    throw isModelRegistryError(failure) ? failure : error
  }
}

/** Whether the bytes at `file.address` are those of the file. @throws S3DownloadError when they cannot be read. */
export async function holds(
  store: ArtifactStore,
  file: ModelFile,
  subject: { readonly modelId: string; readonly version: string },
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const content = await store.open(file.address, signal === undefined ? {} : { signal })
  try {
    for await (const _ of checkedBytes(content, file, subject));
    return true
  } catch (error) {
    if (isModelRegistryError(error) && (error.reason === checksumMismatch || error.reason === lengthMismatch))
      return false
    throw error
  }
}
