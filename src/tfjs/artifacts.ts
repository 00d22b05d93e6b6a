/**
 * What TensorFlow.js makes a model from. The same shape as its `io.ModelArtifacts`, so that either is taken for the
 * other: https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts
 */
export interface TfjsModelArtifacts {
  modelTopology: object
  weightSpecs: TfjsWeightSpec[]
  weightData: ArrayBuffer | ArrayBuffer[]
  format?: string
  generatedBy?: string
  convertedBy?: string | null
  trainingConfig?: TfjsTrainingConfig
  userDefinedMetadata?: Record<string, object>
  signature?: object
  modelInitializer?: object
  initializerSignature?: object
}

export interface TfjsWeightSpec {
  name: string
  shape: number[]
  dtype: 'float32' | 'int32' | 'bool' | 'string' | 'complex64'
  group?: 'model' | 'optimizer'
  quantization?: { scale?: number; min?: number; dtype: 'uint16' | 'uint8' | 'float16' }
}

export interface TfjsTrainingConfig {
  optimizer_config: object
  loss: string | string[] | Record<string, string>
}
