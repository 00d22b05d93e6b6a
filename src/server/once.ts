import { hash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Engine } from '../registry/engine.js'
import { IDEMPOTENCY_KEY_HEADER, REPLAYED_HEADER } from '../wire/headers.js'
import { HttpProblem } from './problem.js'
import { JSON_TYPE } from './route.js'

/** For the `headers` of a route's configuration. */
export const onceHeaders = {
  'Idempotency-Key':
    'Any text that names this one request. The same key gets the first answer again for a day, with `Idempotency-Replayed: true`.',
}

export interface Created {
  readonly status: 200 | 201
  readonly value: object
  /** The address of what was made. */
  readonly location?: string
}

/**
 * Does `work` and answers with it; only once for each `Idempotency-Key` of a caller, who gets the first answer again
 * (draft-ietf-httpapi-idempotency-key-header-07). An error is not kept: each says itself whether its call may be repeated.
 */
export async function answerOnce(
  engine: Engine,
  request: FastifyRequest,
  reply: FastifyReply,
  work: () => Promise<Created>,
): Promise<FastifyReply> {
  const key = request.headers[IDEMPOTENCY_KEY_HEADER]
  if (key === undefined) {
    const { status, value, location } = await work()
    return answer(reply, status, JSON.stringify(value), location)
  }
  const once = { caller: callerOf(request), key: String(key) }
  const outcome = await engine.idempotency.once(once, asked(request), async () => {
    const { status, value, location } = await work()
    return { status, body: JSON.stringify({ value, location }) }
  })
  if (outcome.is === 'in-progress')
    throw new HttpProblem(
      409,
      'The same request is being worked on',
      `A request with the Idempotency-Key ${String(key)} is under way. Ask again to get its answer.`,
      { 'retry-after': '1' },
    )
  if (outcome.again === 'replayed') reply.header(REPLAYED_HEADER, 'true')
  const kept: { value: unknown; location?: string } = JSON.parse(outcome.answer.body)
  return answer(reply, outcome.answer.status, JSON.stringify(kept.value), kept.location)
}

function answer(
  reply: FastifyReply,
  status: number,
  body: string,
  location: string | undefined,
): FastifyReply {
  if (location !== undefined) reply.header('location', location)
  return reply.code(status).header('content-type', JSON_TYPE).send(body)
}

/** Who holds the token: its name may have been given to another since. */
function callerOf(request: FastifyRequest): string {
  return hash(
    'sha256',
    `${request.identity?.name ?? ''}\n${request.headers.authorization ?? ''}`,
    'base64url',
  )
}

function asked(request: FastifyRequest): string {
  return `${request.method} ${request.url}\n${JSON.stringify(request.body ?? null)}`
}
