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
  healsByItself: 'After a cooldown of 30 s it lets one call through, and closes when that succeeds.',
})
