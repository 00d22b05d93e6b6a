import type { SavableModel } from '../../sources/model-source.js'
import type { Recipe } from './recipes.js'
import { type Score, type Series, scoreOf, WINDOW } from './series.js'

export type TensorFlow = typeof import('@tensorflow/tfjs')

/** A model that can be saved, and how good it is. */
export interface TrainedModel {
  readonly model: SavableModel
  readonly score: Score
}

const SEED = 20
const BATCH = 32

/** TensorFlow.js on plain JavaScript, which gives the same numbers everywhere; undefined where it is not installed. */
export async function importTensorFlow(): Promise<TensorFlow | undefined> {
  let tf: TensorFlow
  try {
    tf = await import('@tensorflow/tfjs')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
  // Without it TensorFlow.js greets whoever uses it in Node on standard error.
  tf.enableProdMode()
  await tf.setBackend('cpu')
  await tf.ready()
  return tf
}

/**
 * Trains one LSTM. Seeds and the order of the examples are fixed, so that every run gives the same model.
 *
 * @param onEpoch - called after each pass over the data; throwing ends the training.
 */
export async function train(
  tf: TensorFlow,
  { units, epochs }: Recipe,
  series: Series,
  onEpoch: (epoch: number) => void = () => {},
): Promise<TrainedModel> {
  const model = tf.sequential({
    name: 'sea_temperature',
    layers: [
      tf.layers.lstm({
        name: 'lstm',
        units,
        inputShape: [WINDOW, 1],
        kernelInitializer: tf.initializers.glorotUniform({ seed: SEED }),
        recurrentInitializer: tf.initializers.orthogonal({ seed: SEED + 1 }),
      }),
      tf.layers.dense({
        name: 'next_month',
        units: 1,
        kernelInitializer: tf.initializers.glorotUniform({ seed: SEED + 2 }),
      }),
    ],
  })
  model.compile({ optimizer: tf.train.adam(0.02), loss: 'meanSquaredError' })
  const inputs = tensorOf(tf, series.training.windows)
  const targets = tf.tensor2d(series.training.next.map((value) => [value]))
  try {
    await model.fit(inputs, targets, {
      epochs,
      batchSize: BATCH,
      shuffle: false,
      verbose: 0,
      callbacks: { onEpochEnd: (epoch) => onEpoch(epoch + 1) },
    })
  } finally {
    inputs.dispose()
    targets.dispose()
  }
  return { model, score: scoreOf(forecast(tf, model, series.heldOut.windows), series) }
}

/** What a model expects after each window. */
export function forecast(
  tf: TensorFlow,
  model: import('@tensorflow/tfjs').LayersModel,
  windows: readonly (readonly number[])[],
): number[] {
  return tf.tidy(() => {
    const answer = model.predict(tensorOf(tf, windows))
    return [...(Array.isArray(answer) ? answer : [answer])].flatMap((tensor) => [...tensor.dataSync()])
  })
}

function tensorOf(tf: TensorFlow, windows: readonly (readonly number[])[]) {
  return tf.tensor3d(windows.map((window) => window.map((value) => [value])))
}
