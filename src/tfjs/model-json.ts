import type { TfjsModelArtifacts, TfjsTrainingConfig, TfjsWeightSpec } from './artifacts.js'

/** A `model.json` of TensorFlow.js: what it holds itself, and which files hold the weights, in order. */
export interface TfjsModelJson {
  readonly artifacts: Omit<TfjsModelArtifacts, 'weightData'>
  /** Relative to the folder of the file. */
  readonly weightPaths: readonly string[]
}

/** @returns undefined when the value is no such file. */
export function parseModelJson(json: unknown): TfjsModelJson | undefined {
  if (!isObject(json) || !isObject(json.modelTopology)) return undefined
  const groups = json.weightsManifest ?? []
  if (!Array.isArray(groups) || !groups.every(isGroup)) return undefined
  return {
    artifacts: {
      modelTopology: json.modelTopology,
      weightSpecs: groups.flatMap((group) => group.weights),
      ...(typeof json.format === 'string' ? { format: json.format } : {}),
      ...(typeof json.generatedBy === 'string' ? { generatedBy: json.generatedBy } : {}),
      ...(typeof json.convertedBy === 'string' ? { convertedBy: json.convertedBy } : {}),
      ...(isTrainingConfig(json.trainingConfig) ? { trainingConfig: json.trainingConfig } : {}),
      ...(isRecord(json.userDefinedMetadata) ? { userDefinedMetadata: json.userDefinedMetadata } : {}),
      ...(isObject(json.signature) ? { signature: json.signature } : {}),
      ...(isObject(json.modelInitializer) ? { modelInitializer: json.modelInitializer } : {}),
      ...(isObject(json.initializerSignature) ? { initializerSignature: json.initializerSignature } : {}),
    },
    weightPaths: groups.flatMap((group) => group.paths),
  }
}

interface Group {
  readonly paths: readonly string[]
  readonly weights: readonly TfjsWeightSpec[]
}

const DTYPES = ['float32', 'int32', 'bool', 'string', 'complex64']

function isGroup(value: unknown): value is Group {
  return (
    isObject(value) &&
    Array.isArray(value.paths) &&
    value.paths.every((path) => typeof path === 'string') &&
    Array.isArray(value.weights) &&
    value.weights.every(isWeightSpec)
  )
}

function isWeightSpec(value: unknown): value is TfjsWeightSpec {
  return (
    isObject(value) &&
    typeof value.name === 'string' &&
    Array.isArray(value.shape) &&
    value.shape.every((size) => typeof size === 'number') &&
    DTYPES.some((dtype) => dtype === value.dtype) &&
    (value.quantization === undefined || isObject(value.quantization))
  )
}

function isTrainingConfig(value: unknown): value is TfjsTrainingConfig {
  return isObject(value) && isObject(value.optimizer_config) && 'loss' in value
}

/** The values are whatever the model's author put there; TensorFlow.js hands them on. */
function isRecord(value: unknown): value is Record<string, object> {
  return isObject(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
