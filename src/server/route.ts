import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawServerDefault,
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { RecordText } from '../domain/model-record.js'
import type { Page } from '../domain/page.js'
import { givePiece, PIECE_BYTES } from '../domain/piece-pool.js'
import { bytesPassed } from '../domain/sweep.js'
import type { Engine } from '../registry/engine.js'
import { PROBLEM_TYPE } from '../wire/headers.js'
import { problemSchema } from '../wire/problem.js'
import type { Access } from './access.js'
import type { Changes } from './changes.js'
import { etagOfBody, matchesNone } from './etag.js'
import type { ServerSettings } from './options.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether it was this server that ended the connection in the middle of its answer. */
    brokeOff: boolean
  }
}

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>

/** What a group of routes works with. */
export interface RouteDeps {
  readonly engine: Engine
  readonly settings: ServerSettings
  readonly access: Access
  readonly changes: Changes
}

export const JSON_TYPE = 'application/json; charset=utf-8'

/** What every route may answer beside its own. */
export const problems = {
  default: {
    description: 'Any failure, as a problem document (RFC 9457).',
    content: { [PROBLEM_TYPE]: { schema: problemSchema } },
  },
}

/** Bytes as they are. */
export const binary = z.custom<Uint8Array>().meta({ type: 'string', format: 'binary' })

/** The names are parsed by the registry, so that a bad one gets the same error whichever way it came. */
export const modelParams = z.object({ modelId: z.string() })
export const versionParams = z.object({ modelId: z.string(), version: z.string() })

/** Answers with JSON. Schemas describe answers and tests hold them to it; checking each one would cost more than it. */
export function sendJson(reply: FastifyReply, status: number, value: unknown): FastifyReply {
  return reply.code(status).header('content-type', JSON_TYPE).send(JSON.stringify(value))
}

export function sendPage<T>(reply: FastifyReply, page: Page<T>): FastifyReply {
  return sendJson(reply, 200, { items: page, nextCursor: page.nextCursor })
}

export function sendTexts(reply: FastifyReply, page: Page<RecordText>): FastifyReply {
  const next = page.nextCursor === undefined ? '' : `,"nextCursor":${JSON.stringify(page.nextCursor)}`
  return reply
    .code(200)
    .header('content-type', JSON_TYPE)
    .send(`{"items":[${page.join(',')}]${next}}`)
}

export function sendNothing(reply: FastifyReply): FastifyReply {
  return reply.code(204).send()
}

/** Sends bytes as they come; the connection breaks when they end with an error. */
export function sendStream(reply: FastifyReply, content: AsyncIterable<Uint8Array | string>): FastifyReply {
  const onTheWay = () => stream.readableLength + reply.raw.writableLength
  const left = () => reply.raw.destroyed
  const stream = Readable.from(reusing(content, onTheWay, left), {
    objectMode: false,
    highWaterMark: PIECE_BYTES,
  })
  stream.once('error', (error) => {
    reply.request.brokeOff = !left()
    reply.log.warn({ err: error, requestId: reply.request.id }, 'the body broke')
  })
  // Begins to read. What is destroyed before it began never reaches the generators in `content`, which then would not
  // close what they read from: so it goes when the caller is gone by the time that the bytes are there.
  stream.read(0)
  return reply.send(stream)
}

/**
 * Passes pieces on, and gives each back to be used again once the system has taken its bytes.
 *
 * @param onTheWay - how many of the bytes that were passed on the system does not have yet, or more.
 * @param left - whether the connection broke, after which nobody knows what is still looked at.
 */
async function* reusing<T extends Uint8Array | string>(
  content: AsyncIterable<T>,
  onTheWay: () => number,
  left: () => boolean,
): AsyncGenerator<T> {
  const passed: { readonly piece: Uint8Array; readonly end: number }[] = []
  let bytes = 0
  for await (const piece of content) {
    yield piece
    bytes += piece.length
    if (typeof piece === 'string') {
      bytesPassed(piece.length)
      continue
    }
    passed.push({ piece, end: bytes })
    const written = left() ? 0 : bytes - onTheWay()
    for (let first = passed[0]; first !== undefined && first.end <= written; first = passed[0]) {
      passed.shift()
      if (!givePiece(first.piece)) bytesPassed(first.piece.length)
    }
  }
}

/** Answers with a record under an entity tag, or with 304 when the caller has it. */
export function sendTagged(request: FastifyRequest, reply: FastifyReply, body: RecordText): FastifyReply {
  const etag = etagOfBody(body)
  reply.header('etag', etag).header('cache-control', 'private, no-cache')
  if (matchesNone(request.headers['if-none-match'], etag)) return reply.code(304).send()
  return reply.code(200).header('content-type', JSON_TYPE).send(body)
}

/** The history's name for whoever makes the request. */
export function actorOf(request: FastifyRequest): { readonly actor: string | undefined } {
  return { actor: request.identity?.name }
}

/** Fires when the caller goes away before the answer is complete. */
export function signalOf(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  const onClose = () => {
    if (!reply.raw.writableFinished) gone.abort(new DOMException('The caller went away.', 'AbortError'))
  }
  // `close` is not told again to whoever asks after it.
  if (reply.raw.destroyed) onClose()
  else reply.raw.once('close', onClose)
  return gone.signal
}

/** The path of a version in this API. */
export function versionPath(modelId: string, version: string): string {
  return `/api/models/${encodeURIComponent(modelId)}/versions/${encodeURIComponent(version)}`
}
