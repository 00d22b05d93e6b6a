import { defineGuide } from '../entry.js'

export const guide = defineGuide({
  prevention: [
    'Watch the error rate of the store: the breaker opens above 50 %.',
    'Keep wrong credentials and wrong names out of it: a 4xx never opens the breaker, an outage does.',
  ],
  adminMayForce:
    'An admin may reset the circuit breaker (s3CircuitBreaker.reset(), or POST /api/admin/circuit-breaker/reset). While the store is still away, this only lets more calls fail.',
  example: `import { CircuitBreakerOpenError } from 'modelry'
import { type ModelLocation, s3Storage } from 'modelry/s3'
import { setTimeout as wait } from 'node:timers/promises'

/** Removes an object; waits out the breaker's cooldown once. A registry says S3UnavailableError instead. */
export async function deleteAfterCooldown(location: ModelLocation) {
  try {
    await s3Storage.deleteModel(location)
  } catch (error) {
    if (!(error instanceof CircuitBreakerOpenError)) throw error
    console.error(error.getTroubleshootingGuide())
    await wait(error.retry.inMs ?? 30_000)
    await s3Storage.deleteModel(location)
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
