import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import { createModelRegistry } from '../compose.js'
import type { ModelMetadata } from '../domain/metadata.js'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import { S3DownloadError } from '../errors/s3-download-failed/error.js'
import type { Registry } from '../registry/registry.js'
import { fromFolder } from '../sources/from-folder.js'
import { fromParts } from '../sources/from-parts.js'
import { modelryHandler } from './handler.js'
import { loadTfjsArtifacts } from './load-artifacts.js'

const metadata: ModelMetadata = {
  modelId: 'sine',
  version: '1.0.0',
  modelType: 'neural',
  inputShape: [1],
  outputShape: [1],
}

async function openRegistry(): Promise<{ registry: Registry; home: string }> {
  const home = await temporaryFolder()
  const registry = await createModelRegistry({ home })
  onTestFinished(() => registry.close())
  return { registry, home }
}

const inputs = () => tf.tensor2d([0, 0.5, 1, 1.5, 2], [5, 1])
const predictions = (model: tf.LayersModel) => {
  const predicted = model.predict(inputs())
  if (Array.isArray(predicted)) throw new TypeError('one output is expected')
  return [...predicted.dataSync()]
}

/** Learns a sine: two dense layers, seeded, so that each run of the test has the same weights. */
async function trained(): Promise<tf.Sequential> {
  const dense = (units: number, more: { inputShape?: number[]; activation?: 'tanh' }) =>
    tf.layers.dense({ units, kernelInitializer: tf.initializers.glorotUniform({ seed: units }), ...more })
  const model = tf.sequential({
    layers: [dense(8, { inputShape: [1], activation: 'tanh' }), dense(1, {})],
  })
  model.compile({ optimizer: tf.train.adam(0.05), loss: 'meanSquaredError' })
  const x = tf.linspace(0, 3, 32).reshape([32, 1])
  await model.fit(x, x.sin(), { epochs: 20, shuffle: false, verbose: 0 })
  return model
}

describe('modelryHandler', () => {
  let model: tf.Sequential
  beforeAll(async () => {
    await tf.setBackend('cpu')
    model = await trained()
  })

  it('saves a trained model and loads it with equal predictions', async () => {
    const { registry } = await openRegistry()
    const { modelArtifactsInfo } = await model.save(modelryHandler(registry, metadata))
    expect(modelArtifactsInfo).toMatchObject({
      modelTopologyType: 'JSON',
      weightDataBytes: 4 * (8 + 8 + 8 + 1),
    })
    const loaded = await tf.loadLayersModel(modelryHandler(registry, { modelId: 'sine', version: 'latest' }))
    expect(predictions(loaded)).toEqual(predictions(model))
  })

  it('stores the files that TensorFlow.js writes itself, the whatever the version', async () => {
    const { registry } = await openRegistry()
    await model.save(modelryHandler(registry, metadata))
    const loaded = await registry.loadModel('sine', '1.0.0')
    expect(loaded.files.map(({ path, size, mediaType }) => [path, size, mediaType])).toEqual([
      ['model.json', expect.any(Number), 'application/json'],
      ['weights.bin', 100, 'application/octet-stream'],
    ])
    expect(await loaded.json('model.json')).toMatchObject({
      format: 'layers-model',
      generatedBy: expect.stringContaining('TensorFlow.js'),
      modelTopology: { class_name: 'Sequential' },
      weightsManifest: [{ paths: ['weights.bin'], weights: expect.arrayContaining([]) }],
    })
  })

  it('is not needed to save: saveModel takes the model itself', async () => {
    const { registry } = await openRegistry()
    await registry.saveModel(model, metadata)
    const artifacts = await loadTfjsArtifacts(await registry.loadModel('sine', '1.0.0'))
    expect(predictions(await tf.loadLayersModel(tf.io.fromMemory(artifacts)))).toEqual(predictions(model))
  })

  it('keeps the optimizer where the caller includes it', async () => {
    const { registry } = await openRegistry()
    await model.save(modelryHandler(registry, metadata), { includeOptimizer: true })
    const { weightSpecs, trainingConfig } = await loadTfjsArtifacts(await registry.loadModel('sine', '1.0.0'))
    expect(trainingConfig).toMatchObject({ loss: 'mean_squared_error' })
    expect(weightSpecs.some(({ group }) => group === 'optimizer')).toBe(true)
    const loaded = await tf.loadLayersModel(modelryHandler(registry, metadata))
    expect(predictions(loaded)).toEqual(predictions(model))
    expect(loaded.optimizer).toBeDefined()
  })

  it.each([
    ['of one size', [50, 50]],
    ['that end with a smaller one', [40, 40, 20]],
    ['that end with a larger one', [30, 70]],
    ['that end within a number', [33, 33, 34]],
    ['of which one is empty', [0, 100]],
  ])('loads weights from files %s, in a folder', async (_, sizes) => {
    const { registry } = await openRegistry()
    await registry.saveModel(model, metadata)
    const loaded = await registry.loadModel('sine', '1.0.0')
    const folder = await temporaryFolder()
    const weights = await loaded.bytes('weights.bin')
    const json = JSON.parse(await loaded.text('model.json'))
    json.weightsManifest[0].paths = sizes.map((_size, index) => `group1-shard${index}.bin`)
    let at = 0
    for (const [index, size] of sizes.entries()) {
      await writeFile(join(folder, `group1-shard${index}.bin`), weights.subarray(at, at + size))
      at += size
    }
    await writeFile(join(folder, 'model.json'), JSON.stringify(json))
    const target = { ...metadata, version: '2.0.0' }
    await registry.saveModel(fromParts({ exported: fromFolder(folder) }), target)
    expect(predictions(await tf.loadLayersModel(modelryHandler(registry, target)))).toEqual(
      predictions(model),
    )
  })

  it('refuses to save with model and version alone', async () => {
    const { registry } = await openRegistry()
    const handler = modelryHandler(registry, { modelId: 'sine', version: '1.0.0' })
    await expect(model.save(handler)).rejects.toBeInstanceOf(ModelValidationError)
    expect(await registry.getModel('sine', '1.0.0')).toBeNull()
  })

  it('refuses weights that were altered in the store', async () => {
    const { registry, home } = await openRegistry()
    await model.save(modelryHandler(registry, metadata))
    const [, weights] = (await registry.loadModel('sine', '1.0.0')).files
    await appendFile(join(home, 'artifacts', String(weights?.address.slice('s3://'.length))), 'x')
    await expect(tf.loadLayersModel(modelryHandler(registry, metadata))).rejects.toBeInstanceOf(
      S3DownloadError,
    )
  })

  it.each([
    ['has no model.json', { 'weights.bin': new Uint8Array(4) }],
    ['has a model.json of something else', { 'model.json': { layers: 3 } }],
    ['has two', { 'a/model.json': {}, 'b/model.json': {} }],
    [
      'has fewer weights than its specification says',
      {
        'model.json': {
          modelTopology: {},
          weightsManifest: [{ paths: ['w'], weights: [{ name: 'k', shape: [2, 3], dtype: 'float32' }] }],
        },
        w: new Uint8Array(20),
      },
    ],
  ])('says that a version is no such model when it %s', async (_, files) => {
    const { registry } = await openRegistry()
    await registry.saveModel(fromParts(files), metadata)
    const error = await modelryHandler(registry, metadata)
      .load()
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'S3_DOWNLOAD_FAILED', reason: { id: 'file-not-parsable' } })
  })

  it.each([
    ['gives no topology', async (handler: { save(given: unknown): Promise<unknown> }) => handler.save({})],
    ['throws', async () => Promise.reject(new Error('disposed'))],
    ['calls nothing', async () => {}],
  ])('refuses an object whose save() %s', async (_, save) => {
    const { registry } = await openRegistry()
    await expect(registry.saveModel({ save }, metadata)).rejects.toBeInstanceOf(ModelValidationError)
  })
})
