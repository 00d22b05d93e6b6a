import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { isMediaType } from '../../domain/media-type.js'
import type { ModelFile } from '../../domain/model-record.js'
import { fileListSchema } from '../../wire/answers.js'
import { digestField } from '../../wire/digest-fields.js'
import { DIRECT_HEADER } from '../../wire/headers.js'
import { firstAskedFor, type Part, partOf } from '../byte-range.js'
import { dispositionOf } from '../disposition.js'
import { matchesNone } from '../etag.js'
import {
  type App,
  binary,
  problems,
  type RouteDeps,
  sendJson,
  sendStream,
  signalOf,
  versionParams,
} from '../route.js'
import { requireRecord } from './versions.js'

const conditionHeaders = { 'If-None-Match': 'The `ETag` that the caller has; 304 when it is still the one.' }
const readHeaders = {
  ...conditionHeaders,
  Range: 'One range of bytes, such as `bytes=0-1023`, `bytes=1024-` or `bytes=-512` (RFC 9110).',
  'If-Range': 'The `ETag` of which the range is meant; the whole file when it is another.',
  'Modelry-Direct':
    '`redirect`: the answer may be a redirection to the store, where nobody compares the bytes with their sha256.',
}

const bytes = (description: string) => ({
  description,
  content: { 'application/octet-stream': { schema: binary } },
})

const params = versionParams.extend({ '*': z.string() })

export function fileRoutes(app: App, { engine, settings }: RouteDeps): void {
  app.get(
    '/api/models/:modelId/versions/:version/files',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'List the files of a version',
        tags: ['files'],
        params: versionParams,
        response: { 200: fileListSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { modelId, version } = request.params
      const record = await requireRecord(engine, modelId, version, { verify: 'none' })
      return sendJson(reply, 200, { items: record.files })
    },
  )

  app.get(
    '/api/models/:modelId/versions/:version/files/*',
    {
      config: { scope: 'read', headers: readHeaders },
      exposeHeadRoute: false,
      schema: {
        summary: 'Read a file',
        description:
          'The `ETag` is its sha256, `Repr-Digest` too; `Content-Digest` comes with the whole. A whole file is checked as it is sent: when the stored bytes are not those that were saved, the connection breaks before the end.',
        tags: ['files'],
        produces: ['application/octet-stream'],
        params,
        response: {
          200: bytes('The file.'),
          206: bytes('The part of it that was asked for.'),
          304: z.null(),
          307: z
            .null()
            .meta({ description: 'The `Location` is a credential for 15 minutes: do not log it.' }),
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const { modelId, version, '*': path } = request.params
      const file = await find(modelId, version, path)
      if (matchesNone(request.headers['if-none-match'], etagOf(file))) return notModified(reply, file)
      if (request.headers[DIRECT_HEADER] === 'redirect') {
        const signed = await engine.signFile(file, dispositionOf(file.path))
        if (signed !== undefined) return redirect(reply, signed.url)
      }
      const part = askedPart(request, file)
      if (part === 'unsatisfiable') reply.header('content-range', `bytes */${file.size}`)
      const range =
        part === 'whole'
          ? undefined
          : part === 'unsatisfiable'
            ? { start: firstAskedFor(request.headers.range, file.size) }
            : part
      const options = { signal: signalOf(reply), range }
      const { content } = await engine.openFile(modelId, version, path, options)
      describe(reply, file, part === 'unsatisfiable' ? 'whole' : part)
      watch(request, reply, settings.idleMs)
      return sendStream(reply, content)
    },
  )

  app.head(
    '/api/models/:modelId/versions/:version/files/*',
    {
      config: { scope: 'read', headers: conditionHeaders, swagger: { exposeHeadRoute: true } },
      schema: {
        summary: 'Ask for the size and the digest of a file',
        tags: ['files'],
        params,
        response: { 304: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const { modelId, version, '*': path } = request.params
      const file = await find(modelId, version, path)
      if (matchesNone(request.headers['if-none-match'], etagOf(file))) return notModified(reply, file)
      describe(reply, file, 'whole')
      return sendHead(reply)
    },
  )

  /** What is not there is asked for once more, so that the error is the one that the registry has for it. */
  async function find(modelId: string, version: string, path: string): Promise<ModelFile> {
    const record = await requireRecord(engine, modelId, version, { verify: 'none' })
    return (
      record.files.find((file) => file.path === path) ?? (await engine.openFile(modelId, version, path)).file
    )
  }
}

function etagOf({ sha256 }: ModelFile): string {
  return `"${sha256}"`
}

/** `If-Range` (RFC 9110, section 13.1.5): the part only while the file is the one meant, compared strongly. */
function askedPart({ headers }: FastifyRequest, file: ModelFile): Part | 'whole' | 'unsatisfiable' {
  const condition = headers['if-range']
  if (condition !== undefined && condition !== etagOf(file)) return 'whole'
  return partOf(headers.range, file.size)
}

/** The headers alone; the length in them is that of the body that a GET would have. */
function sendHead(reply: FastifyReply): FastifyReply {
  return reply.send()
}

function notModified(reply: FastifyReply, file: ModelFile): FastifyReply {
  return reply.code(304).header('etag', etagOf(file)).header('cache-control', 'private, no-cache').send()
}

function redirect(reply: FastifyReply, location: string): FastifyReply {
  return reply.code(307).headers({ location, 'cache-control': 'no-store' }).send()
}

function describe(reply: FastifyReply, file: ModelFile, part: Part | 'whole'): void {
  const digest = digestField(file.sha256)
  reply.headers({
    'content-type': safeMediaType(file.mediaType),
    'content-disposition': dispositionOf(file.path),
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-cache',
    etag: etagOf(file),
    'repr-digest': digest,
    // What users store may be a page with a script in it; it must not run in the name of this server.
    'content-security-policy': "sandbox; default-src 'none'",
  })
  if (part === 'whole') {
    reply.headers({ 'content-length': file.size, 'content-digest': digest })
    return
  }
  reply.code(206).headers({
    'content-length': part.end - part.start,
    'content-range': `bytes ${part.start}-${part.end - 1}/${file.size}`,
  })
}

/** Whatever was stored, it must not break out of the header. */
function safeMediaType(mediaType: string): string {
  return isMediaType(mediaType) ? mediaType : 'application/octet-stream'
}

/** A reader that takes nothing for so long is gone, or wants to keep the connection busy. */
function watch(request: FastifyRequest, reply: FastifyReply, idleMs: number): void {
  const { socket } = request.raw
  const gone = () => socket.destroy()
  socket.setTimeout(idleMs, gone)
  reply.raw.once('close', () => {
    socket.setTimeout(0)
    socket.off('timeout', gone)
  })
}
