import { describe, expect, it } from 'vitest'
import type { BreakerStats } from '../domain/breaker.js'
import { breakerMetrics } from './metrics.js'

const circuit: BreakerStats = {
  endpoint: 'http://127.0.0.1:9000',
  bucket: 'a"b\\c',
  state: 'open',
  since: '2026-01-31T12:00:00.000Z',
  failureRate: 0.75,
  window: { succeeded: 1, failed: 3 },
  total: { succeeded: 7, failed: 3, refused: 2, opened: 1 },
  lastFailures: [],
  rules: { threshold: 0.5, minimumCalls: 4, windowMs: 60_000, cooldownMs: 30_000 },
}

describe('breakerMetrics', () => {
  it('is the text that Prometheus reads', () => {
    const labels = String.raw`endpoint="http://127.0.0.1:9000",bucket="a\"b\\c"`
    expect(breakerMetrics([circuit]).split('\n')).toEqual([
      '# HELP modelry_breaker_state Whether the circuit of the artifact store is in this state: 1 or 0.',
      '# TYPE modelry_breaker_state gauge',
      `modelry_breaker_state{${labels},state="closed"} 0`,
      `modelry_breaker_state{${labels},state="half-open"} 0`,
      `modelry_breaker_state{${labels},state="open"} 1`,
      '# HELP modelry_breaker_calls_total Calls to the artifact store by what came of them, since the start or the last reset.',
      '# TYPE modelry_breaker_calls_total counter',
      `modelry_breaker_calls_total{${labels},outcome="succeeded"} 7`,
      `modelry_breaker_calls_total{${labels},outcome="failed"} 3`,
      `modelry_breaker_calls_total{${labels},outcome="refused"} 2`,
      '# HELP modelry_breaker_opened_total How often the circuit opened, since the start or the last reset.',
      '# TYPE modelry_breaker_opened_total counter',
      `modelry_breaker_opened_total{${labels}} 1`,
      '# HELP modelry_breaker_failure_ratio The share of the calls within the window that failed, 0 to 1.',
      '# TYPE modelry_breaker_failure_ratio gauge',
      `modelry_breaker_failure_ratio{${labels}} 0.75`,
      '',
    ])
  })

  it('is empty for a store without a breaker', () => {
    expect(breakerMetrics([])).toBe('')
  })
})
