import { step } from '../cause.js'
import { definePage } from '../entry.js'

export const page = definePage({
  retry: { advice: 'after-fix' },
  troubleshooting: [
    step('See whether AWS reports a fault; for another store, read its own log.', {
      run: 'curl -sSI https://health.aws.amazon.com/health/status',
    }),
    step('See which credentials are found, and where they come from.', { run: 'aws configure list' }),
    step('See whether the bucket answers at all.', {
      run: 'aws s3api head-bucket --bucket BUCKET',
    }),
    step('See what the registry uses as its store.', { run: 'modelry config' }),
  ],
  healsByItself: 'Throttling and faults of the store end by themselves, usually within minutes.',
})
