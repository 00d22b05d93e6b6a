import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { type S3Address, toS3Address } from '../../../domain/s3-address.js'
import { isModelRegistryError } from '../../../errors/model-registry-error.js'
import type { StoredObject, UnfinishedUpload } from '../../../ports/artifact-store.js'
import { hasCode } from './disk-problem.js'
import { look } from './look.js'

interface Folder {
  readonly path: string
  readonly bucket: string
  /** The key of the folder with a slash at its end, or empty. */
  readonly prefix: string
}

/** Every object below a folder of a bucket. Links and files whose names are no keys are not objects. */
export async function* objectsBelow(start: Folder): AsyncGenerator<StoredObject> {
  const waiting = [start]
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for await (const name of namesIn(folder.path)) {
      const path = join(folder.path, name)
      const key = folder.prefix + name
      const found = look(path)
      if (found?.isDirectory()) waiting.push({ path, bucket: folder.bucket, prefix: `${key}/` })
      const address = found?.isFile() ? addressOf(folder.bucket, key) : undefined
      if (found !== undefined && address !== undefined)
        yield { address, size: found.size, storedAt: found.mtime }
    }
  }
}

/** The folders at the top of the root that are buckets. A name that no bucket can have is no bucket, as `.incoming`. */
export async function* bucketsIn(root: string): AsyncGenerator<Folder> {
  for await (const bucket of namesIn(root)) {
    const path = join(root, bucket)
    if (look(path)?.isDirectory() && addressOf(bucket, 'any')) yield { path, bucket, prefix: '' }
  }
}

export async function* uploadsIn(incoming: string): AsyncGenerator<UnfinishedUpload> {
  for await (const name of namesIn(incoming)) {
    const at = join(incoming, name)
    const found = look(at)
    if (found?.isFile()) yield { at, size: found.size, touchedAt: found.mtime }
  }
}

/** A folder that goes away meanwhile has no names left. */
async function* namesIn(folder: string): AsyncGenerator<string> {
  try {
    for await (const { name } of await opendir(folder, { bufferSize: 256 })) yield name
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
}

function addressOf(bucket: string, key: string): S3Address | undefined {
  try {
    return toS3Address(bucket, key)
  } catch (error) {
    if (isModelRegistryError(error)) return undefined
    throw error
  }
}
