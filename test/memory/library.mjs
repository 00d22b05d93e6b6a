// Saves the file that is named and reads it again, by the library. node library.mjs <home> <file> <folder>
import { createModelRegistry, fromFile } from '../../dist/index.js'

const [home, file, folder] = process.argv.slice(2)
const registry = await createModelRegistry({ home })
await registry.saveModel(fromFile(file), {
  modelId: 'large',
  version: '1.0.0',
  modelType: 'transformer',
  inputShape: [1],
  outputShape: [1],
})
await registry.getModel('large', '1.0.0', { verify: 'content' })
await (await registry.loadModel('large', '1.0.0')).saveTo(folder)
await registry.close()
