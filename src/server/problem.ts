import { STATUS_CODES } from 'node:http'
import { catalog } from '../errors/catalog.js'
import { malformedRequest, mediaTypeRefused } from '../errors/causes/http.js'
import { isModelRegistryError, type ModelRegistryError } from '../errors/model-registry-error.js'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import { tooLarge } from './receive.js'

/** Where and when it happened, which no error knows of itself. */
export interface ProblemContext {
  /** The address of the server, without a slash at its end. */
  readonly base: string
  /** The path that was asked for. */
  readonly instance: string
  readonly requestId: string
}

export interface Problem {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

/** Something that HTTP has a word for and the registry has not: an unknown address, a request under way. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem'
  readonly status: number
  readonly title: string
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, title: string, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail)
    this.status = status
    this.title = title
    this.headers = headers
  }
}

/** Any error as a problem document (RFC 9457). What is not meant for the caller becomes a 500 that says nothing. */
export function toProblem(error: unknown, context: ProblemContext): Problem {
  const { base, instance, requestId } = context
  const known = isModelRegistryError(error) ? error : fromFramework(error)
  if (known instanceof HttpProblem) {
    const { status, title, message: detail, headers } = known
    return { status, headers, body: { type: 'about:blank', title, status, detail, instance, requestId } }
  }
  if (known === undefined) {
    const detail =
      'The server failed in a way that it does not expect. Its log has more under this requestId.'
    const title = STATUS_CODES[500] ?? ''
    return {
      status: 500,
      headers: {},
      body: { type: 'about:blank', title, status: 500, detail, instance, requestId },
    }
  }
  const { code, status, message, requestId: ownId } = known
  return {
    status,
    headers: retryAfter(known),
    body: {
      type: `${base}/errors/${code}`,
      title: catalog[code].title,
      status,
      detail: message,
      instance,
      ...known.toJSON(),
      requestId: ownId ?? requestId,
    },
  }
}

/** RFC 9110, section 10.2.3: whole seconds. */
function retryAfter({ status, retry }: ModelRegistryError): Record<string, string> {
  if (retry.advice !== 'safe' || retry.inMs === undefined || (status !== 409 && status !== 503)) return {}
  return { 'retry-after': String(Math.ceil(retry.inMs / 1000)) }
}

/** What Fastify refuses by itself, by its codes: https://fastify.dev/docs/latest/Reference/Errors/ */
function fromFramework(error: unknown): ModelRegistryError | HttpProblem | undefined {
  if (error instanceof HttpProblem) return error
  if (!(error instanceof Error) || !('code' in error)) return undefined
  switch (error.code) {
    case 'FST_ERR_BAD_URL':
      return refusal('an address that cannot be decoded', 'percent-encoded UTF-8', malformedRequest)
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return refusal('a part that is too long', 'at most 4096 bytes in each part', malformedRequest)
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_TYPE':
      return refusal('another content type', 'application/json', mediaTypeRefused)
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return tooLarge(0)
    case 'ECONNRESET':
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return refusal('a connection that broke', 'the whole request', malformedRequest)
    default:
      return undefined
  }
}

function refusal(found: string, allowed: string, reason: typeof malformedRequest): ModelValidationError {
  const problem = { path: '', found, allowed, message: `found ${found}, allowed is ${allowed}` }
  return new ModelValidationError({ operation: 'The request', validationErrors: [problem] }, { reason })
}
