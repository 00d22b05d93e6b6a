// Trains a TensorFlow.js model, saves it into the registry and loads it out of it. Needs @tensorflow/tfjs.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { createModelRegistry } from 'modelry'
import { modelryHandler } from 'modelry/tfjs'

tf.enableProdMode()
await tf.setBackend('cpu')

const model = tf.sequential({
  layers: [tf.layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' })],
})
model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' })
const inputs = tf.tensor2d([[-1], [0], [1], [2]])
await model.fit(inputs, tf.tensor2d([[-3], [-1], [1], [3]]), { epochs: 200, shuffle: false, verbose: 0 })

const home = await mkdtemp(join(tmpdir(), 'modelry-example-'))
const registry = await createModelRegistry({ home })

await model.save(
  modelryHandler(registry, {
    modelId: 'tfjs-line',
    version: '1.0.0',
    modelType: 'neural',
    inputShape: [1],
    outputShape: [1],
    framework: 'tensorflow.js',
  }),
)
const record = await registry.getModel('tfjs-line', '1.0.0')
console.log(`saved ${record?.files.map(({ path }) => path).join(' and ')}`)

const loaded = await tf.loadLayersModel(modelryHandler(registry, { modelId: 'tfjs-line', version: 'latest' }))
const answer = loaded.predict(tf.tensor2d([[10]]))
const [value] = Array.isArray(answer) ? [] : answer.dataSync()
console.log(`10 becomes ${value?.toFixed(1)}`)

await registry.close()
await rm(home, { recursive: true })
