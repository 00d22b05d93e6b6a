import type { BreakerStats } from '../domain/breaker.js'

/** @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

interface Family {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly samples: readonly {
    readonly labels: Readonly<Record<string, string>>
    readonly value: number
  }[]
}

const STATES = ['closed', 'half-open', 'open'] as const
const OUTCOMES = ['succeeded', 'failed', 'refused'] as const

/** The circuits of the artifact store, in the text format of Prometheus. */
export function breakerMetrics(circuits: readonly BreakerStats[]): string {
  const each = (samples: (circuit: BreakerStats) => readonly (readonly [Record<string, string>, number])[]) =>
    circuits.flatMap((circuit) => {
      const { endpoint, bucket } = circuit
      return samples(circuit).map(([labels, value]) => ({ labels: { endpoint, bucket, ...labels }, value }))
    })
  return shown([
    {
      name: 'modelry_breaker_state',
      type: 'gauge',
      help: 'Whether the circuit of the artifact store is in this state: 1 or 0.',
      samples: each(({ state }) => STATES.map((one) => [{ state: one }, state === one ? 1 : 0] as const)),
    },
    {
      name: 'modelry_breaker_calls_total',
      type: 'counter',
      help: 'Calls to the artifact store by what came of them, since the start or the last reset.',
      samples: each(({ total }) => OUTCOMES.map((outcome) => [{ outcome }, total[outcome]] as const)),
    },
    {
      name: 'modelry_breaker_opened_total',
      type: 'counter',
      help: 'How often the circuit opened, since the start or the last reset.',
      samples: each(({ total }) => [[{}, total.opened]]),
    },
    {
      name: 'modelry_breaker_failure_ratio',
      type: 'gauge',
      help: 'The share of the calls within the window that failed, 0 to 1.',
      samples: each(({ failureRate }) => [[{}, failureRate]]),
    },
  ])
}

function shown(families: readonly Family[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, type, help, samples }) => [
      `# HELP ${name} ${help}\n`,
      `# TYPE ${name} ${type}\n`,
      ...samples.map(({ labels, value }) => `${name}{${labelled(labels)}} ${value}\n`),
    ])
    .join('')
}

function labelled(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
