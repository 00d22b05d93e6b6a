import type { ValidationProblem } from '../errors/cause.js'
import { isModelRegistryError } from '../errors/model-registry-error.js'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import { notAModel, type PartDraft, refuseModel, toModelParts } from './draft.js'
import { type ModelSource, type PartsSource, partsOf } from './model-source.js'
import { draftsOf } from './value-drafts.js'

/**
 * Several files as one model, each under its name. The media type follows from the name, or else from the value. A
 * source of several files, such as a folder, puts them below the name.
 *
 * Every problem of every part is reported at once when the model is saved.
 *
 * @example
 * await registry.saveModel(
 *   fromParts({ 'weights.onnx': fromFile('./weights.onnx'), 'labels.json': ['cat', 'dog'] }),
 *   metadata,
 * )
 */
export function fromParts(parts: Readonly<Record<string, ModelSource>>): PartsSource {
  return {
    async [partsOf]() {
      if (typeof parts !== 'object' || parts === null || Array.isArray(parts))
        refuseModel([notAModel('', 'no object', 'an object of names and what is to be stored under them')])
      const drafts: PartDraft[] = []
      const problems: ValidationProblem[] = []
      for (const [name, value] of Object.entries(parts)) {
        try {
          drafts.push(...(await draftsOf(value, name)))
        } catch (error) {
          if (!isModelRegistryError(error) || !(error instanceof ModelValidationError)) throw error
          problems.push(...error.context.validationErrors)
        }
      }
      refuseModel(problems)
      return toModelParts(drafts)
    },
  }
}
