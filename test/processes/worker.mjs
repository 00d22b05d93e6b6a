// One of several processes on one registry: saves, deploys and lists until its time is over, then prints what it was
// told. node worker.mjs <home> <name> <milliseconds>
import { ConcurrentDeploymentError, createModelRegistry } from '../../dist/index.js'

const [home, name, duration] = process.argv.slice(2)
const registry = await createModelRegistry({ home, actor: name })
const deadline = performance.now() + Number(duration)
const saved = []
const deployed = []
const failures = []
let listed = 0
let refused = 0

for (let n = 0; performance.now() < deadline; n++) {
  const version = `${n}.0.0`
  try {
    const record = await registry.saveModel({ name, n }, metadata(name, version))
    saved.push({ version, sha256: record.files[0].sha256 })
    // Everyone wants the same place, with a version that all of them save: exactly one is let in at a time.
    const deployment = await registry.deployModel(name, version, { environment: 'production' })
    deployed.push(deployment.id)
    await contend(n)
    listed += (await registry.listModels({ limit: 20, query: name })).length
  } catch (error) {
    failures.push(error.toJSON?.() ?? String(error.stack))
  }
}
await registry.close()
process.stdout.write(JSON.stringify({ name, saved, deployed, failures, listed, refused }))

/** Deploys a version of the shared model. */
async function contend(n) {
  try {
    await registry.deployModel('shared', `${(n % 3) + 1}.0.0`, { environment: 'production' })
  } catch (error) {
    if (!(error instanceof ConcurrentDeploymentError)) throw error
    refused += 1
  }
}

function metadata(modelId, version) {
  return { modelId, version, modelType: 'neural', inputShape: [1], outputShape: [1] }
}
