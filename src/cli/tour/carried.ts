import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Recipe } from './recipes.js'
import type { TrainedModel } from './train.js'

/** One model as TensorFlow.js gives it to a handler: https://js.tensorflow.org/api/latest/#io.ModelArtifacts */
const carriedSchema = z.object({
  score: z.object({ mae: z.number(), accuracy: z.number() }),
  modelTopology: z.record(z.string(), z.unknown()),
  weightSpecs: z.array(z.record(z.string(), z.unknown())),
  /** base64 */
  weightData: z.string(),
})
export type CarriedModel = z.infer<typeof carriedSchema>

/** The models that `train` makes, carried along for where TensorFlow.js is not installed; a test makes them again. */
export async function carriedModel({ version }: Recipe): Promise<TrainedModel> {
  const { score, weightData, ...rest } = await readCarried(version)
  // A copy, since a small Buffer shares its memory with others.
  const bytes = new Uint8Array(Buffer.from(weightData, 'base64'))
  const artifacts = {
    ...rest,
    weightData: bytes.buffer,
    format: 'layers-model',
    generatedBy: 'TensorFlow.js tfjs-layers v4.22.0',
    convertedBy: null,
  }
  return { score, model: { save: (handler) => handler.save(artifacts) } }
}

export async function readCarried(version: string): Promise<CarriedModel> {
  const text = await readFile(new URL(`pretrained-${version}.tfjs`, import.meta.url), 'utf8')
  return carriedSchema.parse(JSON.parse(text))
}
