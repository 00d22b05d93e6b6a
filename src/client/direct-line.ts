import { Slots } from './slots.js'

/** Parts in memory and on their way at once, of all files together. */
const PARTS_AT_ONCE = 4

/** What of an answer is kept: S3's errors are short. */
const ANSWER_BYTES = 64 * 1024

/** How long a request may take besides what its bytes take on the slowest line, in bytes a second. */
const PATIENCE_MS = 60_000
const SLOWEST_LINE = 16 * 1024

/** A request that the server signed. */
export interface SignedRequest {
  readonly method: 'PUT' | 'GET'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** The store did not do what it was asked. */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure'
  /** HTTP status; undefined where nothing was answered. */
  readonly status: number | undefined
  /** S3's word for it, such as `NoSuchUpload`. */
  readonly code: string | undefined
  /** Where the store is, without anything that is signed. */
  readonly host: string

  constructor(
    host: string,
    answer: { readonly status?: number; readonly code?: string | undefined },
    options?: ErrorOptions,
  ) {
    const { status, code } = answer
    super(
      status === undefined
        ? `${host} could not be reached`
        : `${host} answered ${status}${code === undefined ? '' : ` ${code}`}`,
      options,
    )
    this.host = host
    this.status = status
    this.code = code
  }

  get isPassing(): boolean {
    const { status, code } = this
    if (status === undefined || status >= 500 || status === 429 || status === 408) return true
    // A signature that has expired is made anew, and a body that was damaged on its way is sent again.
    return status === 403 || code === 'BadDigest' || code === 'RequestTimeout' || code === 'IncompleteBody'
  }
}

/**
 * The way to the store, past the server. Whether there is one shows the first request: a store whose address only the
 * server can reach refuses its connection or lets it wait.
 */
export class DirectLine {
  readonly slots = new Slots(PARTS_AT_ONCE)
  readonly #fetch: typeof fetch
  #found: 'works' | { readonly why: string } | undefined

  constructor(fetcher: typeof fetch) {
    this.#fetch = fetcher
  }

  /** Whether a request was answered before. */
  get works(): boolean {
    return this.#found === 'works'
  }

  /** Why this client cannot reach the store; undefined while nothing speaks against it. */
  get unreachable(): string | undefined {
    return typeof this.#found === 'object' ? this.#found.why : undefined
  }

  markUnreachable(why: string): void {
    if (!this.works) this.#found = { why }
  }

  markWorking(): void {
    this.#found = 'works'
  }

  /** @returns the entity tag of what was stored. @throws StoreFailure, or the signal's reason. */
  async put(
    { method, url, headers }: SignedRequest,
    body: BodyInit,
    { signal, bytes }: { readonly signal: AbortSignal; readonly bytes: number },
  ): Promise<string> {
    const { host } = new URL(url)
    const late = AbortSignal.timeout(PATIENCE_MS + Math.ceil((bytes / SLOWEST_LINE) * 1_000))
    let response: Response
    try {
      response = await this.#fetch(url, {
        ...{
          method,
          body,
          signal: AbortSignal.any([signal, late]),
          redirect: 'error',
          credentials: 'omit',
          referrerPolicy: 'no-referrer',
        },
        headers: body instanceof ReadableStream ? { ...headers, 'content-length': String(bytes) } : headers,
        ...(body instanceof ReadableStream ? { duplex: 'half', window: null } : {}),
      })
    } catch (error) {
      signal.throwIfAborted()
      throw new StoreFailure(host, {}, { cause: error })
    }
    const text = await textOf(response).catch(() => '')
    if (!response.ok) throw new StoreFailure(host, { status: response.status, code: codeOf(text) })
    this.markWorking()
    return response.headers.get('etag') ?? ''
  }
}

async function textOf(response: Response): Promise<string> {
  return (await response.text()).slice(0, ANSWER_BYTES)
}

function codeOf(xml: string): string | undefined {
  return /<Code>([A-Za-z0-9]{1,64})<\/Code>/.exec(xml)?.[1]
}
