/** What is stored before anything is measured: many models with few versions each, and one with many. */
export interface DataSet {
  readonly label: string
  readonly models: number
  readonly versionsEach: number
  readonly versionsOfLargest: number
}

export const small: DataSet = { label: '1,000', models: 100, versionsEach: 10, versionsOfLargest: 1_000 }
export const large: DataSet = {
  label: '100,000',
  models: 10_000,
  versionsEach: 10,
  versionsOfLargest: 10_000,
}

export const LARGEST = 'fraud/large-ensemble'
const BUCKET = 'models'
/** What every file of the data set holds. */
export const WEIGHTS = Buffer.alloc(1024, 'weights ')
/** An object that is in the store and of no version. */
export const SPARE_OBJECT = `s3://${BUCKET}/spare/weights.bin`
/** One in eight versions has it. */
export const COMMON_TAG = 'team=t3'

export function modelName(index: number): string {
  return `forecast/price-model-${String(index).padStart(5, '0')}`
}

export function addressOf(modelId: string, version: string): string {
  return `s3://${BUCKET}/${modelId}/${version}/weights.bin`
}

export function versionName(index: number): string {
  return `1.${index}.0`
}

/** What a user would say of the version, about 450 bytes of it. */
export function metadataOf(modelId: string, version: string, n: number) {
  return {
    modelId,
    version,
    modelType: (['lstm', 'transformer', 'neural', 'ensemble'] as const)[n % 4] ?? 'lstm',
    inputShape: [60, 5],
    outputShape: [1],
    accuracy: 0.8 + (n % 1000) / 10_000,
    metrics: { mae: 0.01 * (n % 90), rmse: 0.02 * (n % 80), 'loss.validation': 0.5 },
    description: `Forecast of the next hour from the last sixty, trained in run ${n}.`,
    tags: { team: `t${n % 8}`, dataset: `ds-${n % 100}`, trigger: 'nightly' },
    framework: 'tfjs 4.22.0',
    hyperparameters: { units: 64, layers: 2, dropout: 0.2, optimizer: 'adam', learningRate: 0.001 },
    lineage: { dataset: 's3://data/prices/2025-11.parquet', run: `run-${n}`, gitCommit: '4f2c1d9' },
  }
}

export interface SeedVersion {
  readonly modelId: string
  readonly version: string
  /** From 1, within its model. */
  readonly number: number
  readonly n: number
}

export function* versionsOf(set: DataSet): Generator<SeedVersion> {
  let n = 0
  for (let model = 0; model < set.models; model++)
    for (let index = 0; index < set.versionsEach; index++)
      yield { modelId: modelName(model), version: versionName(index), number: index + 1, n: n++ }
  for (let index = 0; index < set.versionsOfLargest; index++)
    yield { modelId: LARGEST, version: versionName(index), number: index + 1, n: n++ }
}
