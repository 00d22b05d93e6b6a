import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { isMediaType, MEDIA_TYPE_RULE } from '../../domain/media-type.js'
import { modelFileSchema } from '../../domain/model-record.js'
import { refuse } from '../../domain/refuse.js'
import { malformedRequest, mediaTypeRefused } from '../../errors/causes/http.js'
import { ModelValidationError } from '../../errors/model-validation-failed/error.js'
import { S3UploadError } from '../../errors/s3-upload-failed/error.js'
import { sha256OfDigestField } from '../../wire/digest-fields.js'
import { receive } from '../receive.js'
import { type App, binary, problems, type RouteDeps, sendJson, signalOf } from '../route.js'
import { saveParams } from './saves.js'

const params = saveParams.extend({ '*': z.string() })

/** Bytes pass from the connection to the store and are held nowhere. */
export function uploadRoutes(app: App, { engine, settings }: RouteDeps): void {
  // The content type is that of the file, whatever it is; the handler reads the bytes itself.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))

  app.put(
    '/api/saves/:saveId/files/*',
    {
      config: {
        scope: 'write',
        headers: {
          'Content-Type': 'What the file is; kept with it. `application/octet-stream` when absent.',
          'Content-Digest': '`sha-256=:<base64>:` of the body (RFC 9530); nothing is kept when it differs.',
          'Repr-Digest': 'The same, since the body is the whole file.',
        },
      },
      schema: {
        summary: 'Send a file of a save',
        description:
          'The body is the file as it is, with a `Content-Length` or chunked. Several files may be sent at once. Of a body that breaks off nothing is kept.',
        tags: ['saves'],
        consumes: ['application/octet-stream'],
        params,
        body: binary.optional(),
        response: { 201: modelFileSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { saveId, '*': path } = request.params
      const { maxFileBytes, idleMs } = settings
      const content = receive(request.raw, { maxBytes: maxFileBytes, idleMs })
      const options = {
        ...announcedBy(request.headers),
        mediaType: mediaTypeOf(request),
        signal: signalOf(reply),
      }
      return sendJson(reply, 201, await refusing(engine.saves.putFile(saveId, path, content, options)))
    },
  )
}

/** @throws ModelValidationError for what would make other bytes of the file than those that are sent. */
function announcedBy(headers: IncomingHttpHeaders): { sha256?: string; size?: number } {
  if (headers['content-range'] !== undefined)
    // RFC 9110, section 14.5: a server that does not support partial PUT answers 400.
    throw refused('Content-Range', headers['content-range'], 'a whole file', malformedRequest)
  const coding = headers['content-encoding']
  if (coding !== undefined && coding !== 'identity')
    throw refused('Content-Encoding', coding, 'the bytes of the file as they are', mediaTypeRefused)
  const digests = ['content-digest', 'repr-digest'].flatMap((name) => {
    const field = headers[name]
    const sha256 = typeof field === 'string' ? sha256OfDigestField(field) : undefined
    if (sha256 === 'malformed') throw refused(name, field, 'sha-256=:<base64 of 32 bytes>:', malformedRequest)
    return sha256 === undefined ? [] : [sha256]
  })
  const [sha256, other] = digests
  if (other !== undefined && other !== sha256)
    throw refused('Repr-Digest', other, `the same digest as Content-Digest, ${sha256}`, malformedRequest)
  const length = headers['content-length']
  return {
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(length === undefined ? {} : { size: Number(length) }),
  }
}

/** To the registry a refused body is a source that failed; to the caller it is what was refused. */
async function refusing<T>(upload: Promise<T>): Promise<T> {
  try {
    return await upload
  } catch (error) {
    if (error instanceof S3UploadError && error.cause instanceof ModelValidationError) throw error.cause
    throw error
  }
}

/** curl calls every body a form unless told otherwise; a form with parts would be stored with its boundaries in it. */
function mediaTypeOf({ headers }: FastifyRequest): string | undefined {
  const type = headers['content-type']
  if (type === undefined || type.startsWith('application/x-www-form-urlencoded')) return undefined
  if (type.startsWith('multipart/'))
    throw refused('Content-Type', type, 'the bytes of the file as they are, not a form', mediaTypeRefused)
  if (!isMediaType(type)) throw refused('Content-Type', type, MEDIA_TYPE_RULE, malformedRequest)
  return type
}

function refused(
  name: string,
  value: unknown,
  allowed: string,
  reason: typeof malformedRequest,
): ModelValidationError {
  const { validationErrors } = refuse(name, value, allowed).context
  return new ModelValidationError({ operation: 'The upload', validationErrors }, { reason })
}
