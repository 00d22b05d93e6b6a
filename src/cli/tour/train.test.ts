import { beforeAll, describe, expect, it } from 'vitest'
import { type CarriedModel, carriedModel, readCarried } from './carried.js'
import { recipes } from './recipes.js'
import { readSeries, type Series } from './series.js'
import { importTensorFlow, type TrainedModel, train } from './train.js'

let series: Series
let tf: NonNullable<Awaited<ReturnType<typeof importTensorFlow>>>
beforeAll(async () => {
  series = await readSeries()
  const found = await importTensorFlow()
  if (found === undefined) throw new Error('TensorFlow.js is a dev dependency and must be there.')
  tf = found
})

describe('the series of the tour', () => {
  it('has every month of 61 years, in degrees that the eastern Pacific can have', () => {
    expect(series.months).toBe(732)
    const celsius = [...series.training.next, ...series.heldOut.next].map(series.celsius)
    expect(Math.min(...celsius)).toBeGreaterThan(18)
    expect(Math.max(...celsius)).toBeLessThan(31)
  })
})

describe('the training of the tour', () => {
  it.each(recipes)('makes the model that is carried as $version', async (recipe) => {
    const made = await carriable(await train(tf, recipe, series))
    // Run with -u to carry what the training makes.
    await expect(`${JSON.stringify(made)}\n`).toMatchFileSnapshot(`pretrained-${recipe.version}.tfjs`)
    expect(made).toEqual(await readCarried(recipe.version))
  })

  it('makes the second version better than the first, and both better than last year', async () => {
    const [first, second] = await Promise.all(recipes.map(carriedModel))
    const lastYear = series.heldOut.next.map((_, index) => series.heldOut.windows[index]?.[0] ?? Number.NaN)
    const { scoreOf } = await import('./series.js')
    const naive = scoreOf(lastYear, series)
    expect(second?.score.mae).toBeLessThan(first?.score.mae ?? 0)
    expect(first?.score.mae).toBeLessThan(naive.mae)
    expect(second?.score.accuracy).toBeGreaterThan(first?.score.accuracy ?? 1)
  })
})

async function carriable({ model, score }: TrainedModel): Promise<CarriedModel> {
  const saved: unknown[] = []
  await model.save({
    save: async (artifacts) => {
      saved.push(artifacts)
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } }
    },
  })
  const { modelTopology, weightSpecs, weightData } = saved[0] as {
    modelTopology: Record<string, unknown>
    weightSpecs: Record<string, unknown>[]
    weightData: ArrayBuffer
  }
  return { score, modelTopology, weightSpecs, weightData: Buffer.from(weightData).toString('base64') }
}
