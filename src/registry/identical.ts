import { createHash } from 'node:crypto'
import type { FilePath } from '../domain/file-path.js'
import { isModelId } from '../domain/model-id.js'
import { isVersion } from '../domain/version.js'
import { DuplicateModelError } from '../errors/duplicate-model/error.js'
import type { ModelPart } from '../sources/model-source.js'
import type { RegistryDeps } from './deps.js'
import { digestOf, sha256Of } from './digest.js'

/** Hashing more than this for a save that is refused anyway would keep the caller waiting. */
const COMPARE_AT_MOST_BYTES = 256 * 1024 * 1024

/** Adds to a DuplicateModelError whether the content offered is the content stored, where that can be told. */
export async function withIdentical<T>(
  deps: RegistryDeps,
  parts: readonly ModelPart[],
  attempt: () => Promise<T>,
): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    if (!(error instanceof DuplicateModelError) || error.context.nextVersion === undefined) throw error
    const { modelId, version } = error.context
    if (!isModelId(modelId) || !isVersion(version)) throw error
    const stored = await deps.metadata.findVersion(modelId, { is: 'version', version })
    const offered = stored === undefined ? undefined : await digestOfParts(parts)
    if (stored === undefined || offered === undefined) throw error
    throw new DuplicateModelError({ ...error.context, identical: offered === stored.digest })
  }
}

/** undefined when it cannot be told at a bounded cost, or the source fails: the refusal stands either way. */
async function digestOfParts(parts: readonly ModelPart[]) {
  const files: { path: FilePath; size: number; sha256: ReturnType<typeof sha256Of> }[] = []
  let total = 0
  for (const part of parts) {
    if (part.is !== 'bytes' || part.reads === 'once' || part.size === undefined) return undefined
    total += part.size
    if (total > COMPARE_AT_MOST_BYTES) return undefined
    const hash = createHash('sha256')
    try {
      for await (const piece of part.open()) hash.update(piece)
    } catch {
      return undefined
    }
    files.push({ path: part.path, size: part.size, sha256: sha256Of(hash.digest('hex')) })
  }
  return digestOf(files)
}
