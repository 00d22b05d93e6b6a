import type { FastifyReply, FastifyRequest } from 'fastify'
import { NDJSON_TYPE } from '../wire/headers.js'
import { baseUrl } from './base-url.js'
import { toProblem } from './problem.js'
import { type RouteDeps, sendStream } from './route.js'

/**
 * Answers with one JSON value a line, as they come. The status is sent before the first, so that a failure on the way is
 * the last line: `{"problem": …}`.
 */
export function sendLines(
  request: FastifyRequest,
  reply: FastifyReply,
  { settings }: RouteDeps,
  values: AsyncIterable<unknown>,
): FastifyReply {
  const lines = async function* () {
    try {
      for await (const value of values) yield `${JSON.stringify(value)}\n`
    } catch (error) {
      request.log.warn({ err: error, requestId: request.id }, 'the answer failed on its way')
      const base = baseUrl(request, settings.publicUrl)
      const { body } = toProblem(error, { base, instance: request.url, requestId: request.id })
      yield `${JSON.stringify({ problem: body })}\n`
    }
  }
  return sendStream(reply.header('content-type', NDJSON_TYPE), lines())
}
