import type { BreakerStats } from '../domain/breaker.js'
import type { Health } from '../registry/registry.js'

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

/** What the spool of the server keeps until the store can be reached, in the text format of Prometheus. */
export function spoolMetrics({ files, bytes, maxBytes }: NonNullable<Health['pending']>): string {
  const gauge = (name: string, help: string, value: number): Family => ({
    name,
    type: 'gauge',
    help,
    samples: [{ labels: {}, value }],
  })
  return shown([
    gauge('modelry_pending_files', 'Files that are kept until the artifact store can be reached.', files),
    gauge('modelry_pending_bytes', 'What they and uploads in progress take.', bytes),
    gauge('modelry_pending_limit_bytes', 'What they may take.', maxBytes),
  ])
}

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
      ...samples.map(({ labels, value }) => `${name}${labelled(labels)} ${value}\n`),
    ])
    .join('')
}

function labelled(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
