import { defineGuide } from '../entry.js'

export const guide = defineGuide({
  prevention: [
    'Set a fallback, so that saves go to a local spool while the store is away.',
    'Put the registry and the bucket in one region, and reach the bucket through a gateway endpoint of the network.',
    'Let the caller retry by error.retry alone, and not at once from many places.',
  ],
  adminMayForce:
    'An admin may reset the circuit breaker (s3CircuitBreaker.reset(), or POST /api/admin/circuit-breaker/reset). While the store is still away, this only lets more calls fail.',
  example: `import { type ModelMetadata, type ModelSource, type Registry, S3UnavailableError } from 'modelry'
import { setTimeout as wait } from 'node:timers/promises'

/** Saves; when the store is away, waits as long as the error says and saves once more. */
export async function saveWhenBack(registry: Registry, model: ModelSource, metadata: ModelMetadata) {
  try {
    return await registry.saveModel(model, metadata)
  } catch (error) {
    if (!(error instanceof S3UnavailableError) || error.retry.advice !== 'safe') throw error
    await wait(error.retry.inMs ?? 30_000)
    return registry.saveModel(model, metadata)
  }
}
`,
  relatedDocs: [
    {
      title: 'Circuit breaker, the pattern',
      url: 'https://learn.microsoft.com/azure/architecture/patterns/circuit-breaker',
    },
    { title: 'AWS Health Dashboard', url: 'https://health.aws.amazon.com/health/status' },
  ],
})
