import type { S3 } from '@aws-sdk/client-s3'
import { storeClosed } from '../../../errors/causes/sqlite.js'
import { Refusal } from '../refusal.js'
import { field } from './classify.js'
import { openClient } from './client.js'
import {
  DEFAULT_LIMITS,
  DEFAULT_TIMEOUTS,
  DEFAULT_TRANSFER,
  type S3StoreOptions,
  type Transfer,
  type UploadLimits,
} from './options.js'
import { DEFAULT_RETRY, RetryBudget, type RetryPolicy, withRetries } from './retry.js'

/** What a request is told besides its own arguments. */
export interface Told {
  readonly abortSignal: AbortSignal
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** Bytes that the request carries; they lengthen its deadline. */
  readonly bytes?: number
  /** Instead of the policy's. */
  readonly attempts?: number
}

/** The SDK's client of one store, loaded at the first use, with one policy of retries for all that goes through it. */
export class S3Connection {
  readonly options: S3StoreOptions
  readonly limits: UploadLimits
  readonly transfer: Transfer
  readonly policy: RetryPolicy
  readonly budget: RetryBudget
  #client: Promise<S3> | undefined
  /** What was found to be right where the options are not. */
  #corrections: Pick<S3StoreOptions, 'region' | 'forcePathStyle'> = {}
  #credentialFiles: 'anew' | undefined
  #inUse = 0
  #closed = false

  constructor(options: S3StoreOptions) {
    this.options = options
    this.limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.transfer = { ...DEFAULT_TRANSFER, ...options.transfer }
    this.policy = { ...DEFAULT_RETRY, ...options.retry }
    this.budget = new RetryBudget(this.policy.budget)
  }

  /**
   * Makes one request, with retries.
   *
   * @throws RequestFailure, or the reason of the signal.
   */
  async call<T>(
    request: (s3: S3, told: Told) => Promise<T>,
    { signal, bytes = 0, attempts = this.policy.attempts }: CallOptions = {},
  ): Promise<T> {
    const s3 = await this.client()
    return withRetries(({ signal: abortSignal }) => request(s3, { abortSignal }), {
      policy: { ...this.policy, attempts },
      budget: this.budget,
      signal,
      deadlineMs: this.policy.deadlineMs + (bytes / this.policy.slowestLine) * 1_000,
    })
  }

  /** The options with what was corrected since. */
  get inForce(): S3StoreOptions {
    return { ...this.options, ...this.#corrections }
  }

  client(): Promise<S3> {
    this.#client ??= openClient({
      ...this.inForce,
      timeouts: { ...DEFAULT_TIMEOUTS, ...this.options.timeouts },
      credentialFiles: this.#credentialFiles,
    })
    return this.#client
  }

  /** What is called from here on asks for credentials again, wherever the first client found its own. */
  refreshCredentials(): void {
    this.#credentialFiles = 'anew'
    this.reopen({})
  }

  /** What is called from here on goes by a new client, with the corrections; what is under way keeps the old one. */
  reopen(corrections: Pick<S3StoreOptions, 'region' | 'forcePathStyle'>): void {
    this.#corrections = { ...this.#corrections, ...corrections }
    this.#client = undefined
  }

  /** Whether the store is AWS itself, whose abilities are known. */
  async isAws(): Promise<boolean> {
    const { config } = await this.client()
    // Where the environment or a profile names an endpoint, the SDK finds it when it asks.
    const configured: unknown = field(config, 'serviceConfiguredEndpoint')
    if (this.options.endpoint !== undefined) return false
    return typeof configured !== 'function' || (await configured()) === undefined
  }

  /** Keeps the client open until `release` is called. @throws Refusal after `close`. */
  use(): () => void {
    if (this.#closed) throw new Refusal(storeClosed)
    this.#inUse += 1
    let released = false
    return () => {
      if (released) return
      released = true
      this.#inUse -= 1
      this.#destroyWhenUnused()
    }
  }

  /** Nothing new begins; what is under way goes on to its end. */
  close(): void {
    this.#closed = true
    this.#destroyWhenUnused()
  }

  #destroyWhenUnused(): void {
    if (!this.#closed || this.#inUse > 0) return
    this.#client?.then(
      (client) => client.destroy(),
      () => {},
    )
  }
}
