import {
  Circuit,
  type CircuitPlace,
  type CircuitRules,
  type CircuitStats,
  type State,
} from './circuit-breaker-circuit.js'

/** More than half of at least five calls within a minute; 30 seconds until the next try. */
const DEFAULT_CIRCUIT_RULES: CircuitRules = {
  threshold: 0.5,
  minimumCalls: 5,
  windowMs: 60_000,
  cooldownMs: 30_000,
}

export interface CircuitChange extends CircuitPlace {
  readonly state: State
  readonly at: Date
}

/**
 * Keeps calls from a store that is away: once too many failed, they are refused at once, until one that is let through
 * shows that the store is back.
 *
 * Counted for each endpoint and bucket by itself. Only outages count: faults of the store, throttling, time-outs,
 * connections and names that fail. A refusal of the store (4xx), wrong arguments and the caller's own end never do.
 *
 * @example
 * const breaker = new S3CircuitBreaker({ cooldownMs: 10_000 })
 * breaker.onChange(({ bucket, state }) => console.warn(`${bucket}: ${state.is}`))
 * const store = withCircuitBreaker(new S3ArtifactStore('s3://models'), breaker, { bucket: 'models' })
 */
export class S3CircuitBreaker {
  readonly rules: CircuitRules
  readonly #circuits = new Map<string, Circuit>()
  readonly #listeners = new Set<(change: CircuitChange) => void>()

  constructor(rules: Partial<CircuitRules> = {}) {
    this.rules = { ...DEFAULT_CIRCUIT_RULES, ...rules }
  }

  /**
   * The circuit of a bucket; closed at first.
   *
   * @param rules - where it is to have its own. They count when the circuit begins.
   */
  circuit({ endpoint, bucket }: CircuitPlace, rules: CircuitRules = this.rules): Circuit {
    const name = `${endpoint} ${bucket}`
    const known = this.#circuits.get(name)
    if (known !== undefined) return known
    const circuit = new Circuit({ endpoint, bucket }, rules, (state) => {
      for (const listener of this.#listeners) listener({ endpoint, bucket, state, at: new Date() })
    })
    this.#circuits.set(name, circuit)
    return circuit
  }

  /** Gives a circuit rules of its own. One that had others begins anew. */
  configure(place: CircuitPlace, rules: CircuitRules): void {
    this.circuit(place, rules).follow(rules)
  }

  /** Of every bucket that was called. */
  stats(): CircuitStats[] {
    return [...this.#circuits.values()].map((circuit) => circuit.stats())
  }

  /** Closes the circuits, of one bucket or of all, and forgets what was counted. The next outage opens them again. */
  reset(place?: CircuitPlace): void {
    const circuits = place === undefined ? this.#circuits.values() : [this.circuit(place)]
    for (const circuit of circuits) circuit.reset()
  }

  /** Tells each change of state. @returns what ends it. */
  onChange(listener: (change: CircuitChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

/** The breaker of this process, for programs that have one. */
export const s3CircuitBreaker = new S3CircuitBreaker()

/**
 * How a store is named in the breaker's words: its endpoint, where the options name none the one that the AWS SDK finds in
 * the environment, or `aws`. So the circuit of a store is one, whichever way it was given.
 */
export function endpointOf(options: { readonly endpoint?: string }): string {
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env
  return options.endpoint ?? (AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL || 'aws')
}
