import { step } from '../cause.js'
import { definePage } from '../entry.js'

export const page = definePage({
  retry: { advice: 'safe', inMs: 30_000 },
  troubleshooting: [
    step('Wait 30 s: the breaker then lets one call through, and closes when it succeeds.'),
    step('See its state, its rates and the last failures with their causes.', {
      run: 'curl -sS http://127.0.0.1:7878/api/monitoring/circuit-breaker',
    }),
    step('End what made those calls fail: the breaker only shows it.'),
  ],
  prevention: [
    'Watch the error rate of the store: the breaker opens above 50 %.',
    'Keep wrong credentials and wrong names out of it: a 4xx never opens the breaker, an outage does.',
  ],
  healsByItself:
    'After a cooldown of 30 s the breaker is half-open and lets one call through; it closes when that succeeds and opens again when it does not.',
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
