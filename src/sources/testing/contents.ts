import { ModelValidationError } from '../../errors/model-validation-failed/error.js'
import { toParts } from '../from-value.js'
import type { ModelPart, ModelSource } from '../model-source.js'

export async function bytesOfPart(part: ModelPart | undefined, signal?: AbortSignal): Promise<Buffer> {
  if (part?.is !== 'bytes') throw new TypeError('a part with bytes is needed')
  const pieces: Uint8Array[] = []
  for await (const piece of part.open(signal)) pieces.push(piece)
  return Buffer.concat(pieces)
}

const textOfPart = async (part: ModelPart | undefined) => (await bytesOfPart(part)).toString('utf8')

/** Path, media type and text of each part. */
export async function summary(model: ModelSource): Promise<[string, string, string][]> {
  const parts = await toParts(model)
  return Promise.all(
    parts.map(
      async (part): Promise<[string, string, string]> => [part.path, part.mediaType, await textOfPart(part)],
    ),
  )
}

/** The problems for which a value is refused, as `path: message`. */
export async function problemsOf(model: unknown): Promise<string[]> {
  try {
    // Callers of JavaScript may give anything.
    await toParts(model as ModelSource)
  } catch (error) {
    if (!(error instanceof ModelValidationError)) throw error
    return error.context.validationErrors.map(({ path, message }) => `${path}: ${message}`)
  }
  throw new Error('the value was accepted')
}
