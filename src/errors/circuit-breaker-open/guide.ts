import { defineGuide } from '../entry.js'

export const guide = defineGuide({
  prevention: [
    'Watch the error rate of the store: the breaker opens above 50 %.',
    'Keep wrong credentials and wrong names out of it: a 4xx never opens the breaker, an outage does.',
  ],
  adminMayForce:
    'An admin may reset it: s3CircuitBreaker.reset(), or POST /api/admin/circuit-breaker/reset with "Authorization: Bearer $ADMIN_TOKEN". While the store is still away, this only lets more calls fail.',
  example: `import { CircuitBreakerOpenError, type Registry } from 'modelry'
import { setTimeout as wait } from 'node:timers/promises'

/** Loads a model; waits out the breaker's cooldown once. */
export async function loadAfterCooldown(registry: Registry, modelId: string, version: string) {
  try {
    return await registry.loadModel(modelId, version)
  } catch (error) {
    if (!(error instanceof CircuitBreakerOpenError)) throw error
    console.error(error.getTroubleshootingGuide())
    await wait(error.retry.inMs ?? 30_000)
    return registry.loadModel(modelId, version)
  }
}
`,
  relatedDocs: [
    {
      title: 'Circuit breaker, the pattern',
      url: 'https://learn.microsoft.com/azure/architecture/patterns/circuit-breaker',
    },
  ],
})
