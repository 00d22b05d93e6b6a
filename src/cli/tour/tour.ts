import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../../config.js'
import type { ModelRecord } from '../../domain/model-record.js'
import { isModelRegistryError, type ModelRegistryErrorJson } from '../../errors/model-registry-error.js'
import type { Registry } from '../../registry/registry.js'
import { modelryHandler } from '../../tfjs/index.js'
import { metricsOf, versionColumns } from '../record-text.js'
import { table } from '../table.js'
import { size } from '../text.js'
import { carriedModel } from './carried.js'
import { type Recipe, recipes } from './recipes.js'
import { readSeries, type Score, type Series, WINDOW } from './series.js'
import type { Stage } from './stage.js'
import { forecast, importTensorFlow, type TensorFlow, type TrainedModel, train } from './train.js'

const MODEL = 'sea-temperature'
const ENVIRONMENT = 'production'

/** What the tour saw, for `--json`. */
export interface TourReport {
  readonly model: typeof MODEL
  /** `here`, or `carried` where TensorFlow.js is not installed. */
  readonly trained: 'here' | 'carried'
  readonly versions: readonly { readonly version: string; readonly score: Score; readonly files: number }[]
  readonly activeAfter: {
    readonly firstDeployment: string
    readonly secondDeployment: string
    readonly rollback: string
  }
  readonly errors: readonly ModelRegistryErrorJson[]
}

/**
 * Shows the registry at work on a real model: every step is a real call on `registry`, and every error a real one.
 *
 * @param config - of the registry, whose artifact store the tour damages on purpose.
 */
export async function runTour(
  registry: Registry,
  config: Config,
  stage: Stage,
  signal: AbortSignal,
): Promise<TourReport> {
  const { tf, series, models } = await trainBoth(stage, signal)
  const records = await saveBoth(registry, models, stage)
  await compare(registry, stage)
  const activeAfter = await deployAndRollBack(registry, stage)
  if (tf !== undefined) await serveForecast(registry, tf, series, stage)
  const damaged = await damage(registry, config, stage)
  const errors = await meetErrors(registry, models, stage)
  return {
    model: MODEL,
    trained: tf === undefined ? 'carried' : 'here',
    versions: records.map(({ version, files }, index) => ({
      version,
      score: models[index]?.score ?? { mae: Number.NaN, accuracy: Number.NaN },
      files: files.length,
    })),
    activeAfter,
    errors: [damaged, ...errors],
  }
}

async function trainBoth(stage: Stage, signal: AbortSignal) {
  const series = await readSeries()
  stage.step('Train a model')
  stage.say(
    `The data is the sea surface temperature of the eastern Pacific, ${series.months} months from 1950 to 2010 (NOAA, public domain). An LSTM looks at ${WINDOW} months and forecasts the next one. It is measured on the last ten years, which it does not see in training.`,
  )
  const tf = await importTensorFlow()
  if (tf === undefined)
    stage.say(
      'TensorFlow.js is not installed here, so the tour takes the models that it would train from its own package; npm install @tensorflow/tfjs lets it train them.',
    )
  const models: TrainedModel[] = []
  for (const recipe of recipes) {
    const made =
      tf === undefined
        ? await carriedModel(recipe)
        : await train(tf, recipe, series, () => signal.throwIfAborted())
    models.push(made)
    stage.say(`${recipe.version}: ${recipe.description} ${scoreText(made.score)}`)
  }
  return { tf, series, models }
}

async function saveBoth(registry: Registry, models: readonly TrainedModel[], stage: Stage) {
  stage.step('Save two versions')
  stage.say(
    'A version is its files and what is known of them; both are immutable, and every file has its sha256.',
  )
  stage.command(
    `modelry save ./model --id ${MODEL} --version 1.0.0 --type lstm --input-shape ${WINDOW},1 --output-shape 1`,
  )
  const records: ModelRecord[] = []
  for (const [index, recipe] of recipes.entries()) {
    const made = models[index]
    if (made === undefined) throw new TypeError(`There is no model for ${recipe.version}`)
    records.push(await registry.saveModel(made.model, metadataOf(recipe, made.score)))
  }
  stage.command(`modelry versions ${MODEL}`)
  stage.block(table(versionColumns('one model'), await registry.getModelVersions(MODEL)))
  return records
}

async function compare(registry: Registry, stage: Stage): Promise<void> {
  stage.step('Compare them')
  stage.command(`modelry diff ${MODEL}@1.0.0 ${MODEL}@1.1.0`)
  const { metadata, files } = await registry.diffVersions(MODEL, '1.0.0', '1.1.0')
  const text = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? '-'))
  stage.block(
    table(
      [
        { head: 'WHAT', cell: ({ path }) => path },
        { head: '1.0.0', cell: ({ from }) => text(from), atLeast: 24 },
        { head: '1.1.0', cell: ({ to }) => text(to), atLeast: 24 },
      ],
      [
        ...metadata,
        ...files.map(({ path, from, to }) => ({
          path,
          from: from && size(from.size),
          to: to && size(to.size),
        })),
      ],
      74,
    ),
  )
}

async function deployAndRollBack(registry: Registry, stage: Stage): Promise<TourReport['activeAfter']> {
  const active = async () => {
    const record = await registry.getActiveModel(MODEL, ENVIRONMENT)
    stage.block(
      `active in ${ENVIRONMENT}: ${record === null ? 'nothing' : `${record.version}, ${metricsOf(record)}`}`,
    )
    return record?.version ?? ''
  }
  stage.step('Deploy, deploy the better one, roll back')
  stage.command(`modelry deploy ${MODEL}@1.0.0 --env ${ENVIRONMENT}`)
  await registry.deployModel(MODEL, '1.0.0', { environment: ENVIRONMENT })
  const firstDeployment = await active()
  stage.say(
    'The second deployment says which version it expects to replace, so that it cannot undo another one.',
  )
  stage.command(`modelry deploy ${MODEL}@1.1.0 --env ${ENVIRONMENT} --expect 1.0.0`)
  await registry.deployModel(MODEL, '1.1.0', { environment: ENVIRONMENT, expectedActive: '1.0.0' })
  const secondDeployment = await active()
  stage.command(`modelry rollback ${MODEL} --env ${ENVIRONMENT}`)
  await registry.rollbackDeployment(MODEL, ENVIRONMENT)
  return { firstDeployment, secondDeployment, rollback: await active() }
}

async function serveForecast(
  registry: Registry,
  tf: TensorFlow,
  series: Series,
  stage: Stage,
): Promise<void> {
  stage.step('Use the version that is active')
  const active = await registry.getActiveModel(MODEL, ENVIRONMENT)
  if (active === null) throw new TypeError(`Nothing is active in ${ENVIRONMENT}`)
  const model = await tf.loadLayersModel(
    modelryHandler(registry, { modelId: MODEL, version: active.version }) as Parameters<
      TensorFlow['loadLayersModel']
    >[0],
  )
  const [next = Number.NaN] = forecast(tf, model, [series.latest])
  stage.say(
    `TensorFlow.js loads ${active.version} out of the registry, each file checked as it is read. For the month after the data it expects ${series.celsius(next).toFixed(2)} °C.`,
  )
}

async function damage(registry: Registry, config: Config, stage: Stage): Promise<ModelRegistryErrorJson> {
  stage.step('Damage a stored file')
  const record = await registry.getModel(MODEL, '1.1.0')
  const file = record?.files.find(({ path }) => path.endsWith('.bin')) ?? record?.files[0]
  if (file === undefined) throw new TypeError(`There are no files of ${MODEL}@1.1.0`)
  if (config.store.is !== 'file') throw new TypeError('The tour keeps its files in a folder')
  const path = join(config.store.root, ...file.address.slice('s3://'.length).split('/'))
  const bytes = await readFile(path)
  bytes[0] = (bytes[0] ?? 0) ^ 0xff
  // Stored files are read-only, since nothing may change them.
  await chmod(path, 0o644)
  await writeFile(path, bytes)
  stage.say(
    `One byte of ${file.path} is turned over behind the registry's back. Its size and its name stay the same.`,
  )
  stage.command(`modelry verify ${MODEL}@1.1.0`)
  return refusal(stage, () => registry.getModel(MODEL, '1.1.0', { verify: 'content' }))
}

async function meetErrors(registry: Registry, models: readonly TrainedModel[], stage: Stage) {
  const [first] = recipes
  const [model] = models
  if (model === undefined) throw new TypeError('There is no trained model')
  stage.step('Meet three errors')
  stage.say(
    'Every failure has a code, a cause, what became of the data, and steps with commands that can be pasted.',
  )
  stage.say('A version that exists is never overwritten:')
  const duplicate = await refusal(stage, () =>
    registry.saveModel(model.model, metadataOf(first, model.score)),
  )
  stage.say('Metadata is checked as a whole, and every problem is reported at once:')
  const invalid = await refusal(stage, () =>
    registry.saveModel(model.model, {
      ...metadataOf(first, model.score),
      version: '1.2',
      accuracy: 93,
      outputShape: [],
    }),
  )
  stage.say('A misspelt name is answered with the names that are near:')
  const missing = await refusal(stage, () => registry.loadModel('sea-temprature', '1.0.0'))
  return [duplicate, invalid, missing]
}

/** Does what must fail, and shows the guide of the error. */
async function refusal(stage: Stage, work: () => Promise<unknown>): Promise<ModelRegistryErrorJson> {
  try {
    await work()
  } catch (error) {
    if (!isModelRegistryError(error)) throw error
    stage.guide(error.getTroubleshootingGuide())
    return error.toJSON()
  }
  throw new TypeError('The tour met no error where it must meet one')
}

function metadataOf({ version, description, units, epochs }: Recipe, { mae, accuracy }: Score) {
  return {
    modelId: MODEL,
    version,
    modelType: 'lstm' as const,
    inputShape: [WINDOW, 1],
    outputShape: [1],
    accuracy,
    metrics: { mae },
    description,
    framework: 'tensorflow.js 4.22.0',
    hyperparameters: { units, epochs },
    lineage: { dataset: 'NOAA ERSST.V3B, Nino 1+2, monthly means 1950 to 2010' },
  }
}

function scoreText({ mae, accuracy }: Score): string {
  return `It misses by ${mae} °C on average; ${(accuracy * 100).toFixed(1)} % of the months are within half a degree.`
}
