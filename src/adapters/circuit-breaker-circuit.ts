import { type CircuitBreakerPolicy, CircuitState, circuitBreaker, handleWhen } from 'cockatiel'
import { CircuitBreakerOpenError } from '../errors/circuit-breaker-open/error.js'
import { isModelRegistryError } from '../errors/model-registry-error.js'
import { verdictOn } from './circuit-breaker-outage.js'
import { CallWindow } from './circuit-breaker-window.js'

/** When a circuit opens and for how long. */
export interface CircuitRules {
  /** It opens when more than this share of the calls of late failed; 0 to 1. */
  readonly threshold: number
  /** But not before so many calls were made within the window. */
  readonly minimumCalls: number
  /** How far back "of late" reaches. Milliseconds. */
  readonly windowMs: number
  /** How long it stays open before it lets one call through. Milliseconds. */
  readonly cooldownMs: number
}

export type State =
  | { readonly is: 'closed' }
  | { readonly is: 'open'; readonly until: Date }
  /** One call may try, or tries. */
  | { readonly is: 'half-open' }

/** A failure that counted. */
export interface CountedFailure {
  readonly at: Date
  readonly operation: string
  /** The id of its cause. */
  readonly cause: string
  readonly message: string
}

export interface CircuitStats {
  readonly endpoint: string
  readonly bucket: string
  readonly state: State
  /** When it came to be in that state, or was reset. */
  readonly since: Date
  /** Of the calls within the window; 0 without any. */
  readonly failureRate: number
  readonly window: { readonly succeeded: number; readonly failed: number }
  /** Since the process began, or the last reset. */
  readonly total: {
    readonly succeeded: number
    readonly failed: number
    readonly refused: number
    readonly opened: number
  }
  /** The last of them, newest first. */
  readonly lastFailures: readonly CountedFailure[]
  readonly rules: CircuitRules
}

export interface CircuitPlace {
  readonly endpoint: string
  readonly bucket: string
}

/** What a call is, for messages: "Storing s3://b/k". */
export interface GuardedCall {
  readonly operation: string
  readonly s3Path?: string
}

const KEPT_FAILURES = 5

/** While a probe is under way, its end is worth waiting for. */
const PROBE_WAIT_MS = 1_000

/** What is begun anew by a reset: calls that are under way then report to the one they began in. */
interface Era {
  readonly window: CallWindow
  policy: CircuitBreakerPolicy
  openedAt: number
  probing: boolean
}

/** The circuit of one bucket at one endpoint. cockatiel keeps its state; what counts, and the counts, are kept here. */
export class Circuit {
  readonly #place: CircuitPlace
  #rules: CircuitRules
  readonly #onChange: (state: State) => void
  #era: Era
  #since = new Date()
  #total = { succeeded: 0, failed: 0, refused: 0, opened: 0 }
  #failures: CountedFailure[] = []

  constructor(place: CircuitPlace, rules: CircuitRules, onChange: (state: State) => void) {
    this.#place = place
    this.#rules = rules
    this.#onChange = onChange
    this.#era = this.#begin()
  }

  get state(): State {
    const { policy, openedAt } = this.#era
    if (policy.state === CircuitState.Closed) return { is: 'closed' }
    const until = openedAt + this.#rules.cooldownMs
    return policy.state === CircuitState.Open && Date.now() < until
      ? { is: 'open', until: new Date(until) }
      : { is: 'half-open' }
  }

  /** Makes the call, unless the circuit is open. @throws CircuitBreakerOpenError without making it. */
  async run<T>(call: GuardedCall, make: () => Promise<T>): Promise<T> {
    const era = this.#era
    this.#refuseWhenOpen(era, call)
    const probes = era.policy.state !== CircuitState.Closed
    if (probes) era.probing = true
    try {
      return await era.policy.execute(async () => {
        try {
          const value = await make()
          this.#total.succeeded += 1
          return value
        } catch (error) {
          this.#judge(era, call, error, probes)
          throw error
        }
      })
    } finally {
      if (probes) era.probing = false
    }
  }

  /** Counts a failure that came after its call had ended well, such as a body that broke off. */
  note(call: GuardedCall, error: unknown): void {
    if (verdictOn(error) !== 'outage' || this.state.is !== 'closed') return
    this.run(call, () => Promise.reject(error)).catch(() => {})
  }

  stats(): CircuitStats {
    const window = this.#era.window.counts()
    const calls = window.succeeded + window.failed
    return {
      ...this.#place,
      state: this.state,
      since: this.#since,
      failureRate: calls === 0 ? 0 : window.failed / calls,
      window,
      total: { ...this.#total },
      lastFailures: [...this.#failures],
      rules: this.#rules,
    }
  }

  /** Takes other rules, and begins anew where they differ. */
  follow(rules: CircuitRules): void {
    const before = this.#rules
    const same =
      rules.threshold === before.threshold &&
      rules.minimumCalls === before.minimumCalls &&
      rules.windowMs === before.windowMs &&
      rules.cooldownMs === before.cooldownMs
    if (same) return
    this.#rules = rules
    this.reset()
  }

  /** Closed and without a memory, whatever it was. Calls that are under way no longer count. */
  reset(): void {
    const was = this.state.is
    this.#era = this.#begin()
    this.#total = { succeeded: 0, failed: 0, refused: 0, opened: 0 }
    this.#failures = []
    if (was === 'closed') this.#since = new Date()
    else this.#changed()
  }

  #begin(): Era {
    const window = new CallWindow(this.#rules.windowMs, Date.now)
    const era: Era = { window, policy: this.#policy(window), openedAt: 0, probing: false }
    this.#follow(era)
    return era
  }

  #policy(window: CallWindow, initialState?: unknown): CircuitBreakerPolicy {
    const { threshold, minimumCalls, cooldownMs } = this.#rules
    return circuitBreaker(
      handleWhen((error) => verdictOn(error) === 'outage'),
      {
        halfOpenAfter: cooldownMs,
        ...(initialState === undefined ? {} : { initialState }),
        breaker: {
          state: undefined,
          success: (state) => {
            // What was before the outage's end says nothing of the time after it.
            if (state === CircuitState.HalfOpen) window.clear()
            window.succeeded()
          },
          failure: (state) => {
            window.failed()
            const { succeeded, failed } = window.counts()
            const calls = succeeded + failed
            return state === CircuitState.HalfOpen || (calls >= minimumCalls && failed / calls > threshold)
          },
        },
      },
    )
  }

  #follow(era: Era): void {
    const { policy } = era
    policy.onStateChange((state) => {
      if (this.#era !== era || era.policy !== policy) return
      if (state === CircuitState.Open) {
        era.openedAt = Date.now()
        this.#total.opened += 1
      }
      this.#changed()
    })
  }

  #changed(): void {
    this.#since = new Date()
    this.#onChange(this.state)
  }

  #refuseWhenOpen(era: Era, call: GuardedCall): void {
    const state = this.state
    if (state.is === 'closed' || (state.is === 'half-open' && !era.probing)) return
    this.#total.refused += 1
    const retryInMs = state.is === 'open' ? Math.max(1, state.until.getTime() - Date.now()) : PROBE_WAIT_MS
    throw new CircuitBreakerOpenError({ ...call, ...this.#place, retryInMs, stats: this.stats() })
  }

  #judge(era: Era, { operation }: GuardedCall, error: unknown, probes: boolean): void {
    const verdict = verdictOn(error)
    if (verdict === 'alive') {
      this.#total.succeeded += 1
      // cockatiel leaves it out of the count while the circuit is closed.
      if (!probes) era.window.succeeded()
    }
    if (verdict === 'nothing' && probes) this.#probeAgain(era)
    if (verdict !== 'outage' || !isModelRegistryError(error)) return
    this.#total.failed += 1
    const { message, reason } = error
    const failure = { at: new Date(), operation, cause: reason.id, message }
    this.#failures = [failure, ...this.#failures].slice(0, KEPT_FAILURES)
  }

  /** A probe that tells nothing would close the circuit: cockatiel takes what is no outage for a success. */
  #probeAgain(era: Era): void {
    era.policy = this.#policy(era.window, era.policy.toJSON())
    this.#follow(era)
  }
}
