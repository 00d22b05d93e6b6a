import { defineGuide } from '../entry.js'

export const guide = defineGuide({
  prevention: [
    'Give deployModel a waitMs where several pipelines deploy the same model: it then waits for the lock instead of failing.',
    'Let one pipeline deploy one model to one environment.',
    'Pass expectedActive, so that a deployment never replaces a version that nobody looked at.',
  ],
  example: `import { ConcurrentDeploymentError, type Registry } from 'modelry'
import { setTimeout as wait } from 'node:timers/promises'

/** Deploys; when somebody else is at it, waits and tries once more. */
export async function deployAfterOthers(registry: Registry, modelId: string, version: string) {
  try {
    return await registry.deployModel(modelId, version, { environment: 'production' })
  } catch (error) {
    if (!(error instanceof ConcurrentDeploymentError)) throw error
    console.log(error.context.holder ?? 'Somebody else', 'is deploying; waiting.')
    await wait(2_000)
    return registry.deployModel(modelId, version, { environment: 'production' })
  }
}
`,
  relatedDocs: [
    {
      title: 'How to do distributed locking (leases and fencing)',
      url: 'https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html',
    },
  ],
})
