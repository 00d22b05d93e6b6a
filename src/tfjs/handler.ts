import type { ModelMetadata } from '../domain/metadata.js'
import { refuse } from '../domain/refuse.js'
import type { LoadedModel, Registry, TransferOptions } from '../registry/registry.js'
import { toModelParts } from '../sources/draft.js'
import { partsOf } from '../sources/model-source.js'
import { draftsOfArtifacts, WEIGHTS_BIN } from '../sources/tfjs-drafts.js'
import type { TfjsModelArtifacts } from './artifacts.js'
import { loadTfjsArtifacts, type TfjsLoadedModel } from './load-artifacts.js'

/** The two methods of `Registry` that a handler calls, so that a local and a remote registry serve alike. */
export interface TfjsRegistry {
  saveModel: Registry['saveModel']
  loadModel(...call: Parameters<Registry['loadModel']>): Promise<TfjsLoadedModel | LoadedModel>
}

/** tfjs-core `io.SaveResult`. */
export interface TfjsSaveResult {
  modelArtifactsInfo: { dateSaved: Date; modelTopologyType: 'JSON'; weightDataBytes: number }
}

/** An IOHandler of TensorFlow.js. */
export interface ModelryHandler {
  save(artifacts: unknown): Promise<TfjsSaveResult>
  load(): Promise<TfjsModelArtifacts>
}

/**
 * Lets TensorFlow.js save a model to a registry and load it from there. The files are those that TensorFlow.js writes
 * itself: `model.json` and `weights.bin`.
 *
 * @param target - the whole metadata, to save; model and version alone serve to load. There, `version` may be an alias
 * or `latest`.
 * @throws what `saveModel` and `loadModel` throw, out of `model.save()` and `tf.loadLayersModel()`.
 *
 * @example
 * await model.save(modelryHandler(registry, { modelId: 'btc-lstm', version: '1.0.0', modelType: 'lstm', inputShape: [60, 5], outputShape: [1] }))
 * const same = await tf.loadLayersModel(modelryHandler(registry, { modelId: 'btc-lstm', version: 'latest' }))
 */
export function modelryHandler(
  registry: TfjsRegistry,
  target: ModelMetadata | { readonly modelId: string; readonly version: string },
  options: TransferOptions = {},
): ModelryHandler {
  return {
    async save(artifacts) {
      if (!isMetadata(target))
        throw refuse('metadata', target, 'the whole metadata, since model and version alone serve to load')
      const parts = toModelParts(draftsOfArtifacts(artifacts))
      await registry.saveModel({ [partsOf]: async () => parts }, target, options)
      const weights = parts.find(({ path }) => path === WEIGHTS_BIN)
      const weightDataBytes = (weights?.is === 'bytes' ? weights.size : undefined) ?? 0
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON', weightDataBytes } }
    },
    async load() {
      const { signal } = options
      return loadTfjsArtifacts(await registry.loadModel(target.modelId, target.version, { signal }))
    },
  }
}

/** What else is missing from it, the registry's own schema tells. */
function isMetadata(target: object): target is ModelMetadata {
  return Object.keys(target).some((key) => key !== 'modelId' && key !== 'version')
}
