import { step } from '../cause.js'
import { definePage } from '../entry.js'

export const page = definePage({
  retry: { advice: 'safe', inMs: 2_000 },
  troubleshooting: [
    step('See who deployed what, and when.', { run: 'modelry deployments MODEL' }),
    step('Wait 2 s and make the same call again, or let it wait by itself with waitMs.'),
    step('Where another version went live meanwhile, decide again before deploying over it.'),
  ],
  healsByItself:
    'The lock ends with the other deployment, or with its lease when its process died; error.retry.inMs says when at the latest.',
})
