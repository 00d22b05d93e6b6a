import { z } from 'zod'
import type { SqlValue } from './prepared.js'

/** As the functions of the database take it. */
export interface Statement {
  readonly sql: string
  readonly values: readonly SqlValue[]
  readonly wants: 'rows' | 'count'
  /** The hash of the answer that it is expected to have. */
  readonly expected?: string
  readonly id?: number
}

const answerSchema = z.union([
  z.object({ hash: z.string(), rows: z.array(z.record(z.string(), z.unknown())) }),
  z.object({ hash: z.string(), count: z.number() }),
])
const responseSchema = z.object({
  now: z.number(),
  /** The last migration that the database has. */
  schema: z.number().nullable(),
  /** The attempt that was settled, be it this one or one before. */
  settled: z.number().nullish(),
  answers: z.array(answerSchema.nullable()),
})
/** What a statement answered: its rows, or how many it changed. */
export type Answer = Readonly<z.output<typeof answerSchema>>
export type Response = Readonly<z.output<typeof responseSchema>>

interface ReadRequest {
  readonly now?: number
  readonly statements: readonly Statement[]
}
export interface ChangeRequest extends ReadRequest {
  /** The last migration that this program knows. */
  readonly schema: number
  readonly lasting: 'lasting' | 'for now'
  /** Names the change that is to stay; without it, all is undone. */
  readonly id?: string
  readonly attempt?: number
}

/** Calls the two functions. */
export interface Calls {
  read(request: ReadRequest): Promise<Response>
  change(request: ChangeRequest): Promise<Response>
}

export interface CallOptions {
  readonly url: string
  readonly serviceRoleKey: string
  readonly schema?: string
  readonly requestTimeoutMs: number
}

/** What came in place of an answer. */
export class SupabaseFailure extends Error {
  /** The status of HTTP; 0 where nothing came at all. */
  readonly status: number
  /** The SQLSTATE of Postgres or the code of PostgREST; absent when somebody else answered. */
  readonly code?: string
  readonly details?: string
  readonly hint?: string
  constructor(
    message: string,
    status: number,
    said: Record<'code' | 'details' | 'hint', unknown>,
    cause: unknown,
  ) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'SupabaseFailure'
    this.status = status
    const { code, details, hint } = said
    if (typeof code === 'string' && code !== '') this.code = code
    if (typeof details === 'string' && status !== 0) this.details = details
    if (typeof hint === 'string' && hint !== '') this.hint = hint
  }
}

/** Connects by `@supabase/supabase-js`, which is loaded here. Nothing is sent yet. */
export async function supabaseCalls(options: CallOptions): Promise<Calls> {
  const { createClient } = await import('@supabase/supabase-js')
  // The client tells of a failed request in words alone; what the network said is found by the request's signal.
  const failures = new WeakMap<AbortSignal, unknown>()
  const recording: typeof fetch = async (input, init) => {
    try {
      const response = await fetch(input, init)
      // Read here, so that a connection that ends in the middle is found by the signal too.
      const text = await response.text()
      return new Response(text === '' ? null : text, response)
    } catch (error) {
      if (init?.signal) failures.set(init.signal, error)
      throw error
    }
  }
  const client = createClient(options.url, options.serviceRoleKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    ...(options.schema === undefined ? {} : { db: { schema: options.schema } }),
    global: { fetch: recording },
  })
  async function call(name: string, request: ReadRequest): Promise<Response> {
    const signal = AbortSignal.timeout(options.requestTimeoutMs)
    const { data, error, status } = await client.rpc(name, { request }).abortSignal(signal).retry(false)
    if (error !== null) throw new SupabaseFailure(error.message, status, error, failures.get(signal))
    const parsed = responseSchema.safeParse(data)
    if (parsed.success) return parsed.data
    throw new SupabaseFailure(
      `${name} answered with something else than it does`,
      status,
      { code: undefined, details: undefined, hint: undefined },
      parsed.error,
    )
  }
  return {
    read: (request) => call('modelry_read', request),
    change: (request) => call('modelry_change', request),
  }
}
