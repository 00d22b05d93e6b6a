import { step } from '../cause.js'
import { definePage } from '../entry.js'

export const page = definePage({
  retry: { advice: 'never' },
  troubleshooting: [
    step('See which versions there are.', { run: 'modelry versions MODEL' }),
    step('Save under a higher version: error.context.nextVersion is the next one that is free.'),
    step('To give the stored version another name, set an alias on it.', {
      run: 'modelry alias set MODEL@VERSION champion',
    }),
  ],
  healsByItself:
    'A version whose save was cut off is free when its reservation ends; error.retry.inMs says when.',
})
