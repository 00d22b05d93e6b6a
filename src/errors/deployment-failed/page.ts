import { step } from '../cause.js'
import { definePage } from '../entry.js'

export const page = definePage({
  retry: { advice: 'after-fix' },
  troubleshooting: [
    step('See that the version exists and is not archived.', { run: 'modelry versions MODEL' }),
    step('See what is active: a deployment that failed leaves it as it was.', {
      run: 'modelry active MODEL --env ENVIRONMENT',
    }),
    step('See whether another deployment is under way or came first.', { run: 'modelry deployments MODEL' }),
    step('See what the environment asks of a version.', { run: 'modelry config' }),
    step('Read the error underneath, in error.cause, where the database failed.'),
  ],
  healsByItself: 'The lock of a deployment whose process died ends with its lease.',
})
