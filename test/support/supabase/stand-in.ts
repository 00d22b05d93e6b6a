import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'

/** What happens to a request that is not simply answered. */
export type Fault =
  | { readonly is: 'answer'; readonly status: number; readonly body: unknown }
  /** The connection ends before the database is asked. */
  | { readonly is: 'dropped' }
  /** The answer ends in its middle. */
  | { readonly is: 'cut' }
  /** Nobody answers. */
  | { readonly is: 'silence' }
  /** The database does what it is asked for, and its answer is lost. */
  | { readonly is: 'answer-lost' }
  /** The database does it, and the gateway says that it waited too long. */
  | { readonly is: 'gateway-timeout' }

/** Whether a request is the one that makes a change for good: the others try it. */
export function isForGood(name: string, body: string): boolean {
  return name === 'rpc/modelry_change' && 'id' in JSON.parse(body).request
}

export interface StandIn {
  readonly url: string
  /** What happens to a request, by its name (`rpc/modelry_read`) and body; undefined lets it pass. */
  faults: (request: string, body: string) => Fault | undefined
  /** The schemas that the API shows; all of them when it is absent. */
  exposed?: readonly string[]
  /** How many requests have come, by their names. */
  readonly requests: Map<string, number>
  /** Reads the schema anew, as `notify pgrst, 'reload schema'` has PostgREST do. */
  reload(): Promise<void>
  stop(): Promise<void>
}

interface Project {
  readonly databaseUrl: string
  readonly secret: string
}

interface Cache {
  /** With their schemas. */
  readonly tables: ReadonlySet<string>
  readonly functions: ReadonlyMap<string, { readonly stable: boolean }>
}

interface Named {
  readonly schema: string
  readonly name: string
}

class Refusal extends Error {
  readonly status: number
  readonly body: object
  constructor(status: number, body: object) {
    super(JSON.stringify(body))
    this.status = status
    this.body = body
  }
}

/**
 * A stand-in for the gateway of Supabase and for PostgREST. It speaks what the store needs of them (functions by POST,
 * columns of a table by GET) in front of a real Postgres, in which it takes the role of the key as PostgREST does:
 * https://docs.postgrest.org/en/stable/references/transactions.html. It is not PostgREST.
 */
export async function startStandIn({ databaseUrl, secret }: Project): Promise<StandIn> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 8 })
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  let stopped: Promise<void> | undefined
  let cache = await readCache(pool)
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => send(response, 500, { message: String(error) }))
  })
  const standIn: StandIn = {
    url: '',
    faults: () => undefined,
    requests: new Map(),
    async reload() {
      cache = await readCache(pool)
    },
    stop() {
      server.closeAllConnections()
      server.close()
      stopped ??= pool.end()
      return stopped
    },
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://stand-in')
    const name = url.pathname.replace(/^\/rest\/v1\//, '')
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    standIn.requests.set(name, (standIn.requests.get(name) ?? 0) + 1)
    const fault = standIn.faults(name, body)
    if (fault?.is === 'dropped') return void request.socket.destroy()
    if (fault?.is === 'silence') return
    if (fault?.is === 'cut') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
      response.write('{"now":', () => request.socket.destroy())
      return
    }
    if (fault?.is === 'answer') return send(response, fault.status, fault.body)
    const [status, found] = await respond(request, url, name, body).then(
      (value) => [200, value] as const,
      (error: unknown) => refusalOf(error),
    )
    if (fault?.is === 'answer-lost') return void request.socket.destroy()
    if (fault?.is === 'gateway-timeout') return send(response, 504, '<html>504 Gateway Time-out</html>')
    send(response, status, found)
  }

  async function respond(request: IncomingMessage, url: URL, name: string, body: string): Promise<unknown> {
    const key = request.headers.apikey
    if (typeof key !== 'string' || key === '')
      throw new Refusal(401, {
        message: 'No API key found in request',
        hint: 'No `apikey` request header was found.',
      })
    const role = roleOf(request.headers.authorization?.replace(/^Bearer /, '') ?? key, secret)
    // https://docs.postgrest.org/en/stable/references/api/schemas.html
    const { 'content-profile': written, 'accept-profile': asked } = request.headers
    const schema = String(written ?? asked ?? 'public')
    const { exposed = [schema] } = standIn
    if (!exposed.includes(schema))
      throw new Refusal(406, {
        code: 'PGRST106',
        message: `Invalid schema: ${schema}`,
        details: null,
        hint: `Only the following schemas are exposed: ${exposed.join(', ')}`,
      })
    if (name.startsWith('rpc/') && request.method === 'POST')
      return callFunction({ schema, name: name.slice(4) }, body, role)
    if (request.method === 'GET') return readTable({ schema, name }, url.searchParams, role)
    throw new Refusal(405, { code: 'PGRST117', message: `Unsupported HTTP method: ${request.method}` })
  }

  function callFunction({ schema, name }: Named, body: string, role: string): Promise<unknown> {
    const known = cache.functions.get(`${schema}.${name}`)
    if (known === undefined)
      throw new Refusal(404, {
        code: 'PGRST202',
        message: `Could not find the function ${schema}.${name}(request) in the schema cache`,
        details: `Searched for the function ${schema}.${name} with parameter request or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache.`,
        hint: null,
      })
    const { request } = JSON.parse(body)
    return inTransaction(known.stable ? 'read only' : 'read write', { role, schema }, async (client) => {
      // In a query of the kind that PostgREST has around it, so that what the planner makes of that is tried too.
      const { rows } = await client.query(
        `with src as (select c.scalar from (select $1::json as data) p,
           lateral (select request from json_to_record(p.data) as _(request json) limit 1) b,
           lateral (select ${pg.escapeIdentifier(schema)}.${name}(request := b.request) as scalar) c)
         select count(t), coalesce(json_agg(t.scalar)->0, 'null') as answer from (select s.* from src s) t`,
        [JSON.stringify({ request })],
      )
      return rows[0].answer
    })
  }

  function readTable({ schema, name }: Named, params: URLSearchParams, role: string): Promise<unknown> {
    if (!cache.tables.has(`${schema}.${name}`))
      throw new Refusal(404, {
        code: 'PGRST205',
        message: `Could not find the table '${schema}.${name}' in the schema cache`,
        details: null,
        hint: null,
      })
    const id = pg.escapeIdentifier
    const columns = (params.get('select') ?? '*')
      .split(',')
      .map((column) => `${id(schema)}.${id(name)}.${column === '*' ? '*' : id(column)}`)
    const limit = params.has('limit') ? ` limit ${Number(params.get('limit'))}` : ''
    return inTransaction('read only', { role, schema }, async (client) => {
      const query = `select ${columns.join(', ')} from ${id(schema)}.${id(name)}${limit}`
      const { rows } = await client.query(`select coalesce(json_agg(r), '[]') as found from (${query}) r`)
      return rows[0].found
    })
  }

  async function inTransaction<T>(
    mode: 'read only' | 'read write',
    { role, schema }: { role: string; schema: string },
    work: (client: pg.PoolClient) => Promise<T>,
  ): Promise<T> {
    const client = await pool.connect()
    try {
      await client.query(`begin isolation level read committed ${mode}`)
      await client.query(`select set_config('role', $1, true), set_config('search_path', $2, true)`, [
        role,
        schema,
      ])
      const answer = await work(client)
      await client.query('commit')
      client.release()
      return answer
    } catch (error) {
      await client.query('rollback').then(
        () => client.release(),
        () => client.release(true),
      )
      throw error
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return Object.assign(standIn, { url: `http://127.0.0.1:${port}` })
}

async function readCache(pool: pg.Pool): Promise<Cache> {
  const { rows: tables } = await pool.query(
    `select relnamespace::regnamespace || '.' || relname as name from pg_class where relkind in ('r', 'v')`,
  )
  const { rows: functions } = await pool.query(
    `select pronamespace::regnamespace || '.' || proname as name, provolatile from pg_proc
      where prorettype <> 'trigger'::regtype`,
  )
  return {
    tables: new Set(tables.map(({ name }) => name)),
    functions: new Map(functions.map(({ name, provolatile }) => [name, { stable: provolatile !== 'v' }])),
  }
}

/** https://docs.postgrest.org/en/stable/references/auth.html */
function roleOf(token: string, secret: string): string {
  const [head = '', claims = '', signature = ''] = token.split('.')
  if (signature === '')
    throw new Refusal(401, { message: 'Invalid API key', hint: 'Double check your Supabase API key.' })
  const expected = createHmac('sha256', secret).update(`${head}.${claims}`).digest()
  const given = Buffer.from(signature, 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new Refusal(401, {
      code: 'PGRST301',
      message: 'No suitable key or wrong key type',
      details: null,
      hint: null,
    })
  const { role, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString())
  if (exp * 1000 < Date.now())
    throw new Refusal(401, { code: 'PGRST303', message: 'JWT expired', details: null, hint: null })
  return role
}

/** https://docs.postgrest.org/en/stable/references/errors.html */
function refusalOf(error: unknown): readonly [number, object] {
  if (error instanceof Refusal) return [error.status, error.body]
  if (!(error instanceof pg.DatabaseError) || error.code === undefined)
    return [
      503,
      {
        code: 'PGRST001',
        message: 'Database client error. Retrying the connection.',
        details: String(error),
        hint: null,
      },
    ]
  const { code, message, detail = null, hint = null } = error
  return [statusOf(code), { code, message, details: detail, hint }]
}

function statusOf(code: string): number {
  if (code === '42501') return 403
  if (['23503', '23505'].includes(code)) return 409
  if (['42883', '42P01'].includes(code)) return 404
  if (code === '25006') return 405
  if (code.startsWith('08') || code.startsWith('53')) return 503
  return /^(23|22|42|P0)/.test(code) ? 400 : 500
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const isText = typeof body === 'string'
  response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json' })
  response.end(isText ? body : JSON.stringify(body))
}
