import { step } from '../cause.js'
import { definePage } from '../entry.js'

export const page = definePage({
  retry: { advice: 'safe', inMs: 30_000 },
  troubleshooting: [
    step('Wait 30 s: the breaker lets one call through, and closes if it succeeds.'),
    step('See whether the host of the store can be reached from this machine.', {
      run: 'curl -sSI https://s3.amazonaws.com',
    }),
    step('See whether AWS reports a fault; for another store, read its own log.', {
      run: 'curl -sSI https://health.aws.amazon.com/health/status',
    }),
    step('See what the registry uses as its store.', { run: 'modelry config' }),
  ],
  healsByItself: 'After 30 s the breaker lets one call through, and closes if it succeeds.',
})
