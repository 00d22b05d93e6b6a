// Deploys to environments with a policy, lets a smoke test refuse a bad version, and rolls back.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createModelRegistry, DeploymentError, type LoadedModel } from 'modelry'

const home = await mkdtemp(join(tmpdir(), 'modelry-example-'))
const registry = await createModelRegistry({
  home,
  environments: {
    staging: {},
    production: { minimumMetrics: { accuracy: 0.8 }, mustHaveBeenActiveIn: 'staging' },
  },
})

for (const [version, slope, accuracy] of [
  ['1.0.0', 2, 0.85],
  ['1.1.0', 3, 0.92],
  ['1.2.0', null, 0.95],
] as const)
  await registry.saveModel(
    { slope },
    { modelId: 'line', version, modelType: 'neural', inputShape: [1], outputShape: [1], accuracy },
  )

/** Runs before the version becomes active; throwing or answering false refuses it. */
async function answersWithANumber(model: LoadedModel): Promise<boolean> {
  const weights = await model.json()
  return (
    typeof weights === 'object' && weights !== null && 'slope' in weights && typeof weights.slope === 'number'
  )
}

async function deploy(version: string, environment: string): Promise<void> {
  try {
    const deployment = await registry.deployModel('line', version, {
      environment,
      smokeTest: answersWithANumber,
    })
    console.log(`${environment}: ${deployment.version} after ${deployment.previousVersion ?? 'nothing'}`)
  } catch (error) {
    if (!(error instanceof DeploymentError)) throw error
    console.log(`${environment}: ${version} refused, ${error.reason.id}`)
  }
}

await deploy('1.0.0', 'production')
for (const version of ['1.0.0', '1.1.0', '1.2.0']) await deploy(version, 'staging')
await deploy('1.0.0', 'production')
await deploy('1.1.0', 'production')

const back = await registry.rollbackDeployment('line', 'production')
console.log(`production: back to ${back.version}`)
const active = await registry.getActiveModel('line', 'production')
console.log(`active: ${active?.version}, accuracy ${active?.accuracy}`)

await registry.close()
await rm(home, { recursive: true })
