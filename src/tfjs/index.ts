/** `modelry/tfjs`: TensorFlow.js models in and out of a registry. It needs no TensorFlow.js itself, and runs in a browser. */

export type { TfjsModelArtifacts, TfjsWeightSpec } from './artifacts.js'
export { type ModelryHandler, modelryHandler, type TfjsRegistry, type TfjsSaveResult } from './handler.js'
export { loadTfjsArtifacts } from './load-artifacts.js'
