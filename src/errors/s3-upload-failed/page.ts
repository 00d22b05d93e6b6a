import { step } from '../cause.js'
import { definePage } from '../entry.js'

export const page = definePage({
  retry: { advice: 'after-fix' },
  troubleshooting: [
    step('See what the registry uses as its store.', { run: 'modelry config' }),
    step('See whether the store can be written at this moment: call registry.health(), or ask the server.', {
      run: 'curl -sS http://127.0.0.1:7878/readyz',
    }),
    step('See that the identity has s3:PutObject on the bucket.', {
      run: 'aws sts get-caller-identity',
    }),
    step('Compare the size of the model with the limits: 100 MB in a single put, 5 GB in parts, by default.'),
    step('See whether AWS reports a fault; for another store, read its own log.', {
      run: 'curl -sSI https://health.aws.amazon.com/health/status',
    }),
  ],
  healsByItself: 'A save that failed leaves nothing visible, and its reservation ends by itself.',
})
