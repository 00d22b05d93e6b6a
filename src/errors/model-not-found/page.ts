import { step } from '../cause.js'
import { definePage } from '../entry.js'

export const page = definePage({
  retry: { advice: 'after-fix' },
  troubleshooting: [
    step('See which versions the model has.', { run: 'modelry versions MODEL' }),
    step('See which models there are; names are equal byte for byte.', { run: 'modelry list' }),
    step('See which registry is asked: another folder or server has other models.', {
      run: 'modelry config',
    }),
  ],
})
