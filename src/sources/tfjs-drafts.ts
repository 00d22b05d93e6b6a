import { bytesOf, piecesOfBytes } from './byte-stream.js'
import { notAModel, type PartDraft, refuseModel } from './draft.js'
import { stringify } from './json-bytes.js'
import { BYTES } from './media-type.js'
import type { SavableModel } from './model-source.js'

/**
 * What TensorFlow.js hands to an IOHandler, as far as it matters here.
 * https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts, `ModelArtifacts`
 */
interface TfjsArtifacts {
  readonly modelTopology?: object | ArrayBuffer
  readonly weightSpecs?: readonly unknown[]
  readonly weightData?: ArrayBuffer | readonly ArrayBuffer[]
  readonly [more: string]: unknown
}

/** The fields that stand in model.json beside topology and weights, where the model has them. */
const MORE_FIELDS = [
  'format',
  'generatedBy',
  'convertedBy',
  'signature',
  'userDefinedMetadata',
  'modelInitializer',
  'initializerSignature',
  'trainingConfig',
] as const

const MODEL_JSON = 'model.json'
export const WEIGHTS_BIN = 'weights.bin'

/** Lets the model save itself, and takes what it hands over. @throws ModelValidationError when it fails to. */
export async function tfjsDrafts(model: SavableModel): Promise<readonly PartDraft[]> {
  let artifacts: unknown
  try {
    await model.save({
      async save(given) {
        artifacts = given
        return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } }
      },
    })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    refuseModel([notAModel('', `a save() that failed: ${message}`, 'a model that can save itself')], error)
  }
  return draftsOfArtifacts(artifacts)
}

/**
 * The two files of the layers format, as `model.save()` of TensorFlow.js writes them itself.
 * https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/io_utils.ts, `getModelJSONForModelArtifacts`
 */
export function draftsOfArtifacts(artifacts: unknown): readonly PartDraft[] {
  if (!isArtifacts(artifacts)) {
    refuseModel([
      notAModel(
        '',
        'an object whose save() gave no model topology',
        'a TensorFlow.js model with its topology as JSON',
      ),
    ])
    throw new TypeError('refuseModel let a problem pass')
  }
  const { modelTopology, weightSpecs = [], weightData = [] } = artifacts
  const blocks = (Array.isArray(weightData) ? weightData : [weightData]).map(bytesOf)
  const weights = blocks.filter((block) => block !== undefined)
  if (weights.length < blocks.length || (weightSpecs.length > 0 && weights.length === 0))
    refuseModel([notAModel('', 'weights that are not in memory', 'a TensorFlow.js model with its weights')])
  const more = MORE_FIELDS.filter((field) => artifacts[field] !== undefined && artifacts[field] !== null)
  const json = {
    modelTopology,
    ...Object.fromEntries(more.map((field) => [field, artifacts[field]])),
    weightsManifest: [{ paths: [WEIGHTS_BIN], weights: weightSpecs }],
  }
  const model = new TextEncoder().encode(stringify(json, MODEL_JSON))
  return [file(MODEL_JSON, 'application/json', [model]), file(WEIGHTS_BIN, BYTES, weights)]
}

function isArtifacts(value: unknown): value is TfjsArtifacts {
  if (typeof value !== 'object' || value === null || !('modelTopology' in value)) return false
  return (
    typeof value.modelTopology === 'object' &&
    value.modelTopology !== null &&
    bytesOf(value.modelTopology) === undefined
  )
}

function file(path: string, mediaType: string, blocks: readonly Uint8Array[]): PartDraft {
  return {
    is: 'bytes',
    path,
    mediaType,
    size: blocks.reduce((size, block) => size + block.length, 0),
    reads: 'again',
    async *open() {
      for (const block of blocks) yield* piecesOfBytes(block)
    },
  }
}
