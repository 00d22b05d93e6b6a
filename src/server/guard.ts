import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ValidationProblem } from '../errors/cause.js'
import {
  hostRefused,
  originRefused,
  scopeMissing,
  tokenMissing,
  tokenUnknown,
} from '../errors/causes/http.js'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import type { TokenIdentity, TokenScope } from '../registry/access-tokens.js'
import { ACTOR_HEADER } from '../wire/headers.js'
import { type Access, allows } from './access.js'
import { isLoopbackHost } from './loopback.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who makes the request; undefined on pages that anybody may read. */
    identity: TokenIdentity | undefined
  }
  interface FastifyContextConfig {
    /** What a token needs; `anybody` for what holds nothing of the registry. */
    scope?: TokenScope | 'anybody' | 'anybody, known or not'
    /** `token`: only a token says who asks; a name that the caller gives itself is worth nothing here. */
    identity?: 'token'
    /** Header fields that the route reads, with what each is for; for the OpenAPI document. */
    headers?: Readonly<Record<string, string>>
    /** The longest JSON body, where it is not the server's. */
    maxJsonBytes?: number
  }
}

/**
 * Lets a request pass or refuses it: bearer tokens (RFC 6750) where there are any; without, only this machine, and no
 * web page of another origin.
 */
export function createGuard(access: Access, listens: { readonly loopback: boolean }) {
  const letIn = (request: FastifyRequest, reply: FastifyReply) => {
    if (listens.loopback) refuseForeignHost(request)
    refuseForeignOrigin(request)
    become(request, reply, unnamed(request))
  }
  const guard = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { scope, identity: asked } = request.routeOptions.config
    const { authorization } = request.headers
    if (scope === undefined || scope === 'anybody') return
    if (scope === 'anybody, known or not') {
      request.identity = await recognize(access, listens, request)
      return
    }
    const identity = authorization === undefined ? undefined : await access.identify(bearer(authorization))
    if (authorization !== undefined && identity === undefined) throw refuseUnknown(reply, scope)
    if (identity === undefined) {
      if (asked === 'token' || !(await access.isOpen())) throw refuseToken(reply, scope)
      letIn(request, reply)
      return
    }
    if (!allows(identity, scope)) throw refuseScope(reply, identity, scope)
    become(request, reply, identity)
  }
  return (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    const { scope, identity: asked } = request.routeOptions.config
    const isNamed = request.headers.authorization !== undefined || asked === 'token'
    if (isNamed || scope === 'anybody, known or not' || !access.isKnownOpen()) {
      guard(request, reply).then(() => done(), done)
      return
    }
    // The most common case by far, in which nothing has to be waited for.
    try {
      if (scope !== undefined && scope !== 'anybody') letIn(request, reply)
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)))
      return
    }
    done()
  }
}

/** Who asks, where that can be told; never a refusal, and no failure while the database is away. */
async function recognize(
  access: Access,
  listens: { readonly loopback: boolean },
  request: FastifyRequest,
): Promise<TokenIdentity | undefined> {
  const { authorization, host = '' } = request.headers
  try {
    if (authorization !== undefined) return await access.identify(bearer(authorization))
    const here = !listens.loopback || isLoopbackHost(host)
    return here && (await access.isOpen()) ? unnamed(request) : undefined
  } catch {
    // Which is what this request asks about: the answer says so.
    return undefined
  }
}

/** Who changed something is told in the answer too: a caller with a token need not know its name. */
function become(request: FastifyRequest, reply: FastifyReply, identity: TokenIdentity): void {
  request.identity = identity
  if (request.method !== 'GET' && request.method !== 'HEAD')
    reply.header(ACTOR_HEADER, encodeURIComponent(identity.name))
}

/** Whether text can stand in an Authorization header as a token (RFC 6750, section 2.1). */
export function isBearerToken(text: string): boolean {
  return bearer(`Bearer ${text}`) === text && text !== ''
}

/** The token of an Authorization header (RFC 6750, section 2.1); empty, which is nobody's, for any other scheme. */
function bearer(authorization: string): string {
  return /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(authorization)?.[1] ?? ''
}

/** Everything is allowed to whoever sits at the machine; the history takes the name that the caller gives itself. */
function unnamed(request: FastifyRequest): TokenIdentity {
  const name = request.headers[ACTOR_HEADER]
  return { name: typeof name === 'string' ? decodeActor(name) : 'local', scopes: ['admin'] }
}

/** Header fields are ASCII; a name of other characters comes percent-encoded. */
function decodeActor(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    // Not encoded after all: the name as it stands.
    return name
  }
}

function refuseForeignHost({ headers: { host } }: FastifyRequest): void {
  if (host !== undefined && isLoopbackHost(host)) return
  const found = host ?? 'no name'
  throw refusal({ path: 'Host', found, allowed: 'localhost or 127.0.0.1' }, hostRefused, { actual: found })
}

/** Browsers send Origin with every request that is not a plain read (Fetch Standard, "append a request Origin header"). */
function refuseForeignOrigin({ method, headers: { origin, host } }: FastifyRequest): void {
  if (origin === undefined || method === 'GET' || method === 'HEAD') return
  if (origin === `http://${host}` || origin === `https://${host}`) return
  throw refusal({ path: 'Origin', found: origin, allowed: `http://${host}` }, originRefused, {
    actual: origin,
  })
}

/** For a request whose caller has to be known, and is not. @param scope - that the request needs. */
export function refuseToken(reply: FastifyReply, scope: TokenScope): ModelValidationError {
  reply.header('www-authenticate', 'Bearer realm="modelry"')
  const problem = { path: 'Authorization', found: 'no token', allowed: 'Bearer and a token of this server' }
  return refusal(problem, tokenMissing, { expected: scope })
}

function refuseUnknown(reply: FastifyReply, scope: TokenScope): ModelValidationError {
  reply.header('www-authenticate', 'Bearer realm="modelry", error="invalid_token"')
  return refusal(
    {
      path: 'Authorization',
      found: 'a token that is not known',
      allowed: 'Bearer and a token of this server',
    },
    tokenUnknown,
    { expected: scope },
  )
}

function refuseScope(reply: FastifyReply, { name, scopes }: TokenIdentity, scope: TokenScope) {
  reply.header('www-authenticate', `Bearer realm="modelry", error="insufficient_scope", scope="${scope}"`)
  return refusal(
    { path: 'Authorization', found: `a token for ${scopes.join(', ')}`, allowed: `a token for ${scope}` },
    scopeMissing,
    { actual: name, expected: scope },
  )
}

function refusal(
  problem: Omit<ValidationProblem, 'message'>,
  reason: typeof tokenMissing,
  facts: { readonly actual?: string; readonly expected?: string } = {},
): ModelValidationError {
  const message = `found ${problem.found}, allowed is ${problem.allowed}`
  return new ModelValidationError(
    { operation: 'The request', ...facts, validationErrors: [{ ...problem, message }] },
    { reason },
  )
}
