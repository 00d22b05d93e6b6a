import { setTimeout as pause } from 'node:timers/promises'
import { kindOfFailure, maybeApplied, retryAfterMs } from './classify.js'

/** How often and how soon a request is made again. Nothing below it tries again: the SDK is told to ask once. */
export interface RetryPolicy {
  /** How often a request is made at most, the first time included. */
  readonly attempts: number
  /** The longest wait before the second attempt; it doubles with each further one. Milliseconds. */
  readonly baseMs: number
  /** The same where the store asks for fewer requests. */
  readonly throttledBaseMs: number
  /** No wait of our own is longer; the store's `Retry-After` may be. Milliseconds. */
  readonly capMs: number
  /** All attempts of one request and the waits between them take no longer. Milliseconds. */
  readonly deadlineMs: number
  /** A line so slow is given up: the deadline of a request is longer by its bytes at this rate. Bytes for each second. */
  readonly slowestLine: number
  /** How many retries all requests of a store may make in a row; ten successes earn one back. */
  readonly budget: number
}

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 5,
  baseMs: 100,
  throttledBaseMs: 1_000,
  capMs: 20_000,
  deadlineMs: 60_000,
  slowestLine: 16 * 1024,
  budget: 50,
}

/** So many requests that succeed earn one retry. */
const SUCCESSES_FOR_A_RETRY = 10

/** Keeps a store that is away from being asked by all requests over and over (gRPC's A6, "Throttling retry attempts"). */
export class RetryBudget {
  readonly #full: number
  #left: number

  /** @param retries - that it holds when it is full, as at first. */
  constructor(retries: number) {
    this.#full = retries * SUCCESSES_FOR_A_RETRY
    this.#left = this.#full
  }

  /** Takes one retry out of it, if there is one. */
  spend(): boolean {
    if (this.#left < SUCCESSES_FOR_A_RETRY) return false
    this.#left -= SUCCESSES_FOR_A_RETRY
    return true
  }

  earn(): void {
    this.#left = Math.min(this.#full, this.#left + 1)
  }
}

/** The deadline passed before the store had answered. */
class DeadlinePassed extends Error {
  override readonly name = 'TimeoutError'
  readonly code = 'ETIMEDOUT'

  constructor(deadlineMs: number, options?: ErrorOptions) {
    super(`The store did not answer within ${deadlineMs} ms.`, options)
  }
}

/** A request that failed for good. `cause` is what the last attempt failed with. */
export class RequestFailure extends Error {
  override readonly name = 'RequestFailure'
  readonly attempts: number
  /** Whether one of the attempts may have been carried out, though no answer said so. */
  readonly maybeApplied: boolean
  /** What the store asked to wait. */
  readonly retryInMs: number | undefined

  constructor(facts: {
    attempts: number
    maybeApplied: boolean
    retryInMs: number | undefined
    cause: unknown
  }) {
    super(`The request failed after ${facts.attempts} attempts.`, { cause: facts.cause })
    this.attempts = facts.attempts
    this.maybeApplied = facts.maybeApplied
    this.retryInMs = facts.retryInMs
  }
}

/** What one attempt is told: its number, from 1, and when to give up. */
export interface Attempt {
  readonly number: number
  readonly signal: AbortSignal
  /** Whether an earlier attempt may have been carried out. */
  readonly maybeApplied: boolean
}

export interface RetryOptions {
  readonly policy: RetryPolicy
  readonly budget: RetryBudget
  readonly signal?: AbortSignal | undefined
  /** Instead of the policy's, for requests that carry many bytes. */
  readonly deadlineMs?: number
  /** 0 to 1, without 1. */
  readonly random?: () => number
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>
}

/**
 * Makes a request, and makes it again while its failure is one that passes.
 *
 * @throws RequestFailure, or the reason of `signal` when that fired.
 */
export async function withRetries<T>(
  attempt: (facts: Attempt) => Promise<T>,
  {
    policy,
    budget,
    signal,
    deadlineMs = policy.deadlineMs,
    random = Math.random,
    sleep = pauseFor,
  }: RetryOptions,
): Promise<T> {
  const deadline = new AbortController()
  const passed = () => deadline.abort(new DeadlinePassed(deadlineMs))
  const timer = setTimeout(passed, deadlineMs)
  const until = Date.now() + deadlineMs
  const stop = signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal])
  let doubtful = false
  try {
    for (let number = 1; ; number++) {
      signal?.throwIfAborted()
      try {
        const value = await attempt({ number, signal: stop, maybeApplied: doubtful })
        budget.earn()
        return value
      } catch (caught) {
        const error = deadline.signal.aborted ? new DeadlinePassed(deadlineMs, { cause: caught }) : caught
        doubtful ||= maybeApplied(error)
        const retryInMs = retryAfterMs(caught, Date.now())
        const fail = () =>
          new RequestFailure({ attempts: number, maybeApplied: doubtful, retryInMs, cause: error })
        if (signal?.aborted) throw doubtful ? fail() : signal.reason
        const kind = kindOfFailure(error)
        if (kind === 'permanent' || number >= policy.attempts || deadline.signal.aborted) throw fail()
        const wait = waitBefore(number, kind === 'throttled', policy, random(), retryInMs)
        if (Date.now() + wait >= until || !budget.spend()) throw fail()
        await sleep(wait, stop)
      }
    }
  } finally {
    clearTimeout(timer)
  }
}

/**
 * "Full jitter": anything between nothing and a limit that doubles (AWS Architecture Blog, "Exponential backoff and
 * jitter"). Never sooner than the store asked for.
 */
function waitBefore(
  attempt: number,
  throttled: boolean,
  policy: RetryPolicy,
  random: number,
  retryInMs: number | undefined,
): number {
  const base = throttled ? policy.throttledBaseMs : policy.baseMs
  return Math.max(random * Math.min(policy.capMs, base * 2 ** (attempt - 1)), retryInMs ?? 0)
}

/** Ends early, without an error, when the signal fires: the loop looks at it. */
async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => {})
}
