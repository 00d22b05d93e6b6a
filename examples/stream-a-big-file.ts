// Saves bytes that are made while they are saved, and reads them back, without ever holding them whole.
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createModelRegistry, fromParts, isModelRegistryError, type ModelMetadata } from 'modelry'

const MEGABYTES = 64

async function* weights(megabytes: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < megabytes; index++) yield new Uint8Array(1_000_000).fill(index)
}

const home = await mkdtemp(join(tmpdir(), 'modelry-example-'))
const registry = await createModelRegistry({ home })
const metadata: ModelMetadata = {
  modelId: 'big',
  version: '1.0.0',
  modelType: 'transformer',
  inputShape: [512],
  outputShape: [512],
}

let reports = 0
const saved = await registry.saveModel(
  fromParts({ 'weights.bin': weights(MEGABYTES), 'config.json': { layers: 12 } }),
  metadata,
  {
    onProgress: () => {
      reports++
    },
  },
)
console.log(
  `saved ${saved.size} bytes in ${saved.files.length} files, ${reports > 0 ? 'with' : 'without'} progress`,
)

const model = await registry.loadModel('big', '1.0.0')
let read = 0
for await (const piece of model.stream('weights.bin')) read += piece.length
console.log(`streamed ${read} bytes, each of them checked`)

const folder = join(home, 'out')
await model.saveTo(folder)
console.log(`wrote ${(await stat(join(folder, 'weights.bin'))).size} bytes to a folder`)

// A signal ends a save on its way. What was written is taken back, and the version can be saved again.
const controller = new AbortController()
try {
  await registry.saveModel(
    weights(MEGABYTES),
    { ...metadata, version: '1.1.0' },
    { signal: controller.signal, onProgress: () => controller.abort() },
  )
} catch (error) {
  if (!isModelRegistryError(error)) throw error
  console.log(`interrupted: ${error.reason.id}, ${error.outcome}, ${error.leftovers.length} left behind`)
}

await registry.close()
await rm(home, { recursive: true })
