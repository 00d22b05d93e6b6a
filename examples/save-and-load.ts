// Saves a JSON value as a model, finds it by an alias and as the latest version, and loads it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createModelRegistry } from 'modelry'

const home = await mkdtemp(join(tmpdir(), 'modelry-example-'))
const registry = await createModelRegistry({ home })

const saved = await registry.saveModel(
  { slope: 2, intercept: -1 },
  {
    modelId: 'demo/line',
    version: '1.0.0',
    modelType: 'neural',
    inputShape: [1],
    outputShape: [1],
    accuracy: 0.9,
    tags: { team: 'examples' },
  },
)
console.log(`saved ${saved.modelId}@${saved.version}, sha256 ${saved.files[0]?.sha256.slice(0, 12)}…`)

await registry.setAlias('demo/line', 'champion', '1.0.0')
const champion = await registry.getModel('demo/line', 'champion')
console.log(`champion is ${champion?.version}, accuracy ${champion?.accuracy}`)

const nothing = await registry.getModel('demo/line', '9.9.9')
console.log(`9.9.9 is ${nothing}`)

// Bytes are checked against their sha256 as they are read: what comes out is what went in.
const model = await registry.loadModel('demo/line', 'latest')
console.log(`latest is ${JSON.stringify(await model.json())}`)

await registry.close()
await rm(home, { recursive: true })
