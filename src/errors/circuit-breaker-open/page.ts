import { step } from '../cause.js'
import { definePage } from '../entry.js'

export const page = definePage({
  retry: { advice: 'safe', inMs: 30_000 },
  troubleshooting: [
    step('Wait 30 s: the breaker lets one call through, and closes if it succeeds.'),
    step('See the last failures with their causes.', {
      run: 'modelry breaker --server URL',
    }),
    step('End what made those calls fail: the breaker only shows it.'),
  ],
  healsByItself: 'After 30 s the breaker lets one call through, and closes if it succeeds.',
})
