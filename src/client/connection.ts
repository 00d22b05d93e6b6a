import { ACTOR_RULE, isActor } from '../domain/actor.js'
import { refuse } from '../domain/refuse.js'
import type { ErrorContext } from '../errors/cause.js'
import { storeClosed } from '../errors/causes/sqlite.js'
import { DatabaseError } from '../errors/database-error/error.js'
import { ModelNotFoundError } from '../errors/model-not-found/error.js'
import { isModelRegistryError, type ModelRegistryError } from '../errors/model-registry-error.js'
import { ACTOR_HEADER, IDEMPOTENCY_KEY_HEADER } from '../wire/headers.js'
import { DirectLine } from './direct-line.js'
import { type Asked, abortedError, failureOf, unreachable } from './failure.js'
import { pauseOrAbort } from './pause-or-abort.js'

export interface ConnectionOptions {
  readonly url: string
  readonly token?: string | undefined
  readonly fetch: typeof fetch
  readonly actor?: string | undefined
  readonly retries: { readonly attempts: number; readonly maxWaitMs: number }
  /** `server`: nothing goes past it. */
  readonly transfer: 'direct' | 'server'
}

export interface Ask {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, unknown>>
  readonly json?: unknown
  /** Made anew for each attempt. */
  readonly body?: () => BodyInit | Promise<BodyInit>
  readonly headers?: Readonly<Record<string, string>>
  readonly actor?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** For an error: the method of the registry, and what it is about. */
  readonly operation: string
  readonly subject?: Asked['subject'] & ErrorContext
  readonly decides?: Asked['decides']
  /**
   * How it may be repeated when the answer is lost. `freely`: doing it twice is doing it once. `by-key`: with an
   * Idempotency-Key. `never`: the body is a stream that can be read once.
   */
  readonly repeat: 'freely' | 'by-key' | 'never'
  /** `done`: that nothing is there any more, after an answer that was lost, means that the request took effect. */
  readonly missing?: 'done'
}

/** How long `close` lets a smoke test go on. */
const CLOSE_GRACE_MS = 10_000

/** Requests to one server: who asks, what may be tried again, and which error a failure is. */
export class Connection {
  readonly url: string
  readonly actor: string | undefined
  /** The way to the store, past the server; undefined where none is to be used. */
  readonly direct: DirectLine | undefined
  readonly #options: ConnectionOptions
  readonly #underway = new Set<Promise<unknown>>()
  readonly #ending = new AbortController()
  #closed = false

  constructor(options: ConnectionOptions) {
    this.url = options.url
    this.actor = options.actor
    this.direct = options.transfer === 'direct' ? new DirectLine(options.fetch) : undefined
    this.#options = options
  }

  /** How often what is safe to repeat is sent at most. */
  get attempts(): number {
    return this.#options.retries.attempts
  }

  /**
   * Sends a request and hands the answer to `read`. Failures that are safe to repeat are repeated, by what their error
   * says of it, a few times and within seconds; conflicts are answers and never repeated.
   */
  async ask<T>(ask: Ask, read: (response: Response) => Promise<T>): Promise<T> {
    const { attempts, maxWaitMs } = this.#options.retries
    const key: Record<string, string> =
      ask.repeat === 'by-key' ? { [IDEMPOTENCY_KEY_HEADER]: crypto.randomUUID() } : {}
    let waited = 0
    let lost: ModelRegistryError | undefined
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(ask, key, read)
      } catch (error) {
        if (lost !== undefined && ask.missing === 'done' && error instanceof ModelNotFoundError)
          return await read(new Response(null, { status: 204 }))
        if (!isModelRegistryError(error) || ask.repeat === 'never') throw error
        const waitMs = waitFor(error, attempt)
        if (attempt >= attempts || waitMs === undefined || waited + waitMs > maxWaitMs)
          // The server that had the request may have ended with it: what became of it nobody knows by then.
          throw isUnderway(error) ? (lost ?? error) : error
        if (error.outcome === 'unknown') lost ??= error
        waited += waitMs
        await pauseOrAbort(waitMs, ask.signal).catch((reason) => {
          throw abortedError(reason, this.#asked(ask))
        })
      }
    }
  }

  /** Asks once and takes any answer, whatever its status. */
  async probe<T>(path: string, read: (response: Response) => Promise<T>): Promise<T> {
    const ask: Ask = { method: 'GET', path, operation: 'health', repeat: 'never' }
    this.refuseIfClosed(ask.operation)
    try {
      return await read(await this.#options.fetch(this.#address(ask), await this.#init(ask, {})))
    } catch (error) {
      throw unreachable(error, this.#asked(ask))
    }
  }

  /** Runs one call of the registry: refused after `close`, waited for by it. */
  async track<T>(operation: string, call: () => Promise<T>): Promise<T> {
    this.refuseIfClosed(operation)
    const done = call()
    this.#underway.add(done)
    try {
      return await done
    } finally {
      this.#underway.delete(done)
    }
  }

  /** Fires when the connection was closed and what may take long has had its time. */
  get ending(): AbortSignal {
    return this.#ending.signal
  }

  refuseIfClosed(operation: string): void {
    if (this.#closed) throw new DatabaseError({ operation }, { reason: storeClosed })
  }

  async close(): Promise<void> {
    this.#closed = true
    const reason = new DOMException('The registry was closed.', 'AbortError')
    const timer = setTimeout(() => this.#ending.abort(reason), CLOSE_GRACE_MS)
    await Promise.allSettled(this.#underway)
    clearTimeout(timer)
  }

  async #once<T>(
    ask: Ask,
    extra: Readonly<Record<string, string>>,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    const asked = this.#asked(ask)
    try {
      const response = await this.#options.fetch(this.#address(ask), await this.#init(ask, extra))
      if (!response.ok) throw await failureOf(response, asked)
      return await read(response)
    } catch (error) {
      if (ask.signal?.aborted) throw abortedError(ask.signal.reason, asked)
      throw isModelRegistryError(error) ? error : unreachable(error, asked)
    }
  }

  #asked({ operation, method, decides, subject = {} }: Ask): Asked {
    const changes = method === 'GET' ? 'nothing' : 'something'
    return { operation, server: this.url, changes, decides, subject }
  }

  #address({ path, query = {} }: Ask): string {
    const given = Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    )
    return `${this.url}${path}${given.length === 0 ? '' : `?${new URLSearchParams(given)}`}`
  }

  async #init(ask: Ask, extra: Readonly<Record<string, string>>): Promise<RequestInit & { duplex?: 'half' }> {
    const { method, json, body, signal } = ask
    const { token } = this.#options
    const actor = ask.actor ?? this.actor
    if (actor !== undefined && !isActor(actor)) throw refuse('actor', actor, ACTOR_RULE, ask.operation)
    const content = body === undefined ? undefined : await body()
    const init: RequestInit = {
      method,
      signal: signal ?? null,
      headers: {
        accept: 'application/json, application/problem+json, */*;q=0.1',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(actor === undefined ? {} : { [ACTOR_HEADER]: encodeURIComponent(actor) }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...extra,
        ...ask.headers,
      },
    }
    if (json !== undefined) init.body = JSON.stringify(json)
    if (content !== undefined) init.body = content
    if (!(content instanceof ReadableStream)) return init
    // `duplex` is required for a body that is a stream: Fetch Standard, "RequestDuplex". The other two keep fetch from
    // cloning the request for a possible redirect (HTTP-network-or-cache fetch, step 8), which would tee the stream and
    // hold all of it in memory; a stream cannot be sent twice anyway.
    return { ...init, duplex: 'half', redirect: 'error', window: null }
  }
}

/** 409 with Retry-After and no code: the same request is being worked on. */
function isUnderway({ context, retry }: ModelRegistryError): boolean {
  return context.status === 409 && retry.inMs !== undefined
}

/** How long to wait before the same request may be sent again; undefined when it may not. */
function waitFor(error: ModelRegistryError, attempt: number): number | undefined {
  const { status } = error.context
  const busy =
    error.status >= 500 &&
    (error.retry.advice === 'safe' || status === 502 || status === 503 || status === 504)
  if (!isUnderway(error) && !busy) return undefined
  return error.retry.inMs ?? backoff(attempt)
}

/** Doubles from 100 ms, with jitter so that callers who failed together do not come back together. */
function backoff(attempt: number): number {
  return 100 * 2 ** (attempt - 1) * (0.5 + Math.random() / 2)
}
