// Reads what an error knows: why it failed, what became of the data, whether to call again, and what to do.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createModelRegistry,
  DuplicateModelError,
  isModelRegistryError,
  type ModelMetadata,
  ModelNotFoundError,
  ModelValidationError,
} from 'modelry'

const home = await mkdtemp(join(tmpdir(), 'modelry-example-'))
const registry = await createModelRegistry({ home })
const metadata: ModelMetadata = {
  modelId: 'line',
  version: '1.0.0',
  modelType: 'neural',
  inputShape: [1],
  outputShape: [1],
}

/** Saves under the next version when the wanted one is taken by other content. */
async function saveAsNext(model: { slope: number }, wanted: ModelMetadata): Promise<string> {
  try {
    return (await registry.saveModel(model, wanted)).version
  } catch (error) {
    if (!(error instanceof DuplicateModelError)) throw error
    const { identical, nextVersion } = error.context
    if (identical || nextVersion === undefined) return wanted.version
    return saveAsNext(model, { ...wanted, version: nextVersion })
  }
}

/** Makes a call again as long as its error says that this is safe, and fixes what can be fixed. */
async function persistently<T>(call: () => Promise<T>, attempts = 3): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (!isModelRegistryError(error) || attempts <= 1) throw error
    const again = error.retry.advice === 'safe' || (await error.attemptAutoFix())
    if (!again) throw error
    await new Promise((resolve) => setTimeout(resolve, error.retry.inMs ?? 0))
    return persistently(call, attempts - 1)
  }
}

for (const slope of [1, 1, 2]) console.log(`slope ${slope} is ${await saveAsNext({ slope }, metadata)}`)

try {
  await registry.saveModel({}, { ...metadata, version: 'one', accuracy: 93 })
} catch (error) {
  if (!(error instanceof ModelValidationError)) throw error
  for (const { path, found, allowed } of error.context.validationErrors)
    console.log(`${path}: ${found}, where ${allowed.slice(0, 40)} is allowed`)
}

try {
  await persistently(() => registry.loadModel('lime', '1.0.0'))
} catch (error) {
  if (!(error instanceof ModelNotFoundError)) throw error
  console.log(`outcome ${error.outcome}, retry ${error.retry.advice}`)
  // Everything that a person needs at night, in one paste; toJSON() is the same for a log.
  console.log(error.getTroubleshootingGuide())
}

await registry.close()
await rm(home, { recursive: true })
