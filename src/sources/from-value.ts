import { toModelParts } from './draft.js'
import type { ModelPart, ModelSource } from './model-source.js'
import { draftsOf } from './value-drafts.js'

/**
 * The files that a value given as a model stands for.
 *
 * | value | files |
 * | --- | --- |
 * | text | `model.txt` |
 * | JSON value | `model.json` |
 * | Uint8Array and other views, ArrayBuffer | `model.bin` |
 * | Blob, File | its name, or `model.bin` |
 * | web stream, Node stream, other async iterable of bytes | `model.bin`, read once |
 * | TensorFlow.js model | `model.json`, `weights.bin` |
 * | what fromFile, fromFolder, fromParts, fromStored give | theirs |
 *
 * Bytes in memory are not copied: they are to stay as they are until they are saved.
 *
 * @throws ModelValidationError with every problem of the value or of the paths. InvalidS3PathError from `fromStored`.
 */
export async function toParts(model: ModelSource): Promise<readonly ModelPart[]> {
  return toModelParts(await draftsOf(model))
}
