import { defineGuide } from '../entry.js'

export const guide = defineGuide({
  prevention: [
    'Deploy to an environment for trying out first, and let the policy of production ask for it.',
    'Give deployModel a smoke test that runs the model on one known input.',
    'Verify the files of a version before the window in which it must go out.',
  ],
  adminMayForce:
    'An admin may roll back to the version that was active before (rollbackDeployment); this is a deployment of its own and is recorded as one.',
  example: `import { DeploymentError, type Registry } from 'modelry'

/** Deploys, and says what serves afterwards, whichever way it went. */
export async function deployAndReport(registry: Registry, modelId: string, version: string) {
  try {
    await registry.deployModel(modelId, version, { environment: 'production' })
  } catch (error) {
    if (!(error instanceof DeploymentError)) throw error
    console.error(error.getTroubleshootingGuide())
  }
  const active = await registry.getActiveModel(modelId, 'production')
  return active?.version
}
`,
  relatedDocs: [
    {
      title: 'PostgreSQL: transaction isolation',
      url: 'https://www.postgresql.org/docs/current/transaction-iso.html',
    },
  ],
})
