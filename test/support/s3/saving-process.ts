// Saves one file into S3, for a test that stops or kills it in the middle. The facts of the save are the first argument.
import { S3ArtifactStore } from '../../../src/adapters/artifacts/s3.js'
import { isModelRegistryError } from '../../../src/errors/model-registry-error.js'
import { fromFile } from '../../../src/sources/from-file.js'
import { engineOn } from './registry-on.js'

const { store, home, file, metadata } = JSON.parse(process.argv[2] ?? '{}')
const { registry } = await engineOn(new S3ArtifactStore(store), home)
try {
  await registry.saveModel(fromFile(file), metadata)
  process.stdout.write('saved')
} catch (error) {
  process.stdout.write(isModelRegistryError(error) ? error.reason.id : String(error))
}
await registry.close()
