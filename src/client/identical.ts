import type { ModelFile } from '../domain/model-record.js'
import { DuplicateModelError } from '../errors/duplicate-model/error.js'
import type { ModelPart } from '../sources/model-source.js'
import * as answers from './answers.js'
import type { Connection } from './connection.js'
import { versionPath } from './paths.js'
import { createSha256 } from './sha256.js'

/** Hashing more than this for a save that is refused anyway would keep the caller waiting. */
const COMPARE_AT_MOST_BYTES = 256 * 1024 * 1024

/** The refusal of a version that exists, with whether the content offered is the content stored, where it can be told. */
export async function withIdentical(
  connection: Connection,
  error: DuplicateModelError,
  parts: readonly ModelPart[],
): Promise<DuplicateModelError> {
  const { modelId, version, nextVersion } = error.context
  if (nextVersion === undefined) return error
  try {
    const stored = await connection.ask(
      {
        method: 'GET',
        path: versionPath(modelId, version),
        query: { verify: 'none' },
        operation: 'saveModel',
        repeat: 'freely',
      },
      answers.json(answers.record),
    )
    const identical = await sameContent(parts, stored.files)
    if (identical === undefined) return error
    return new DuplicateModelError({ ...error.context, identical }, { reason: error.reason })
  } catch {
    // The refusal stands either way; what is lost is a hint.
    return error
  }
}

/** undefined when it cannot be told at a bounded cost. */
async function sameContent(
  parts: readonly ModelPart[],
  files: readonly ModelFile[],
): Promise<boolean | undefined> {
  const stored = new Map<string, ModelFile>(files.map((file) => [file.path, file]))
  let total = 0
  for (const part of parts) {
    if (part.is !== 'bytes' || part.reads === 'once' || part.size === undefined) return undefined
    total += part.size
  }
  if (total > COMPARE_AT_MOST_BYTES) return undefined
  if (parts.length !== files.length) return false
  for (const part of parts) {
    if (part.is !== 'bytes') return undefined
    const hash = await createSha256()
    for await (const piece of part.open()) hash.update(piece)
    if (stored.get(part.path)?.sha256 !== hash.hex()) return false
  }
  return true
}
