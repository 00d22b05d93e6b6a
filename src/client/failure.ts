import type { ErrorContext } from '../errors/cause.js'
import { serverFailed, serverUnreachable } from '../errors/causes/http.js'
import { aborted } from '../errors/causes/objects.js'
import { DatabaseError } from '../errors/database-error/error.js'
import type { ModelRegistryError } from '../errors/model-registry-error.js'
import { createError, reviveError } from '../errors/revive.js'
import { S3UnavailableError } from '../errors/s3-unavailable/error.js'
import { S3UploadError } from '../errors/s3-upload-failed/error.js'
import { REQUEST_ID_HEADER } from '../wire/headers.js'
import { boundedText } from './bounded-text.js'

/** What was asked, as far as an error has to tell it. */
export interface Asked {
  /** The method of the registry, such as `getModel`. */
  readonly operation: string
  /** The address of the server. */
  readonly server: string
  /** Whether the request changes something, so that a lost answer leaves a question. */
  readonly changes: 'nothing' | 'something'
  /** Whether a version is saved or not is decided by this request: one that is broken off leaves that open. */
  readonly decides?: 'save' | undefined
  /**
   * What the operation is about, and the code of its own failures where it has one (an upload, a download, a
   * deployment).
   */
  readonly subject: {
    readonly code?: 'S3_UPLOAD_FAILED' | 'S3_DOWNLOAD_FAILED' | 'DEPLOYMENT_FAILED'
  } & ErrorContext
}

/** Codes of Node for connections that were never made: nothing was sent. */
const NEVER_CONNECTED = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
  ...['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'],
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_TLS_CERT_ALTNAME_INVALID'],
])

/**
 * The error for a request that got no answer.
 *
 * A transfer that broke is the error of that transfer. Anything else is S3UnavailableError: the artifact store is what
 * the caller wanted and cannot reach, `X was not carried out` is true, and whoever degrades when the store is away does
 * so too when the server is.
 */
export function unreachable(error: unknown, asked: Asked): ModelRegistryError {
  const code = networkCode(error)
  const lost = asked.changes === 'something' && !(code !== undefined && NEVER_CONNECTED.has(code))
  const problem = code ?? deepestMessage(error)
  const { operation, server, subject } = asked
  const { code: own, ...facts } = subject
  const context = { ...facts, operation, server, problem, ...(lost ? { answerLost: true } : {}) }
  const options = {
    reason: serverUnreachable,
    cause: error,
    outcome: lost ? 'unknown' : 'not-applied',
  } as const
  const isTransfer = subject.s3Path !== undefined
  if (isTransfer && (own === 'S3_UPLOAD_FAILED' || own === 'S3_DOWNLOAD_FAILED'))
    return createError(own, context, options)
  if (!lost) return new S3UnavailableError(context, options)
  const message = `${operation} got no answer: the connection to ${server} broke (${problem}). It is not known whether it took effect: read the state back before making the call again.`
  return new S3UnavailableError(context, { ...options, message })
}

/** The error for a call that its own signal ended. */
export function abortedError(
  cause: unknown,
  { operation, server, changes, decides, subject }: Asked,
): ModelRegistryError {
  const { code = undefined, ...facts } = subject
  if (decides === 'save') {
    const message = `${operation} of ${facts.modelId}@${facts.version} ended without an answer, because the caller ended it. It is not known whether it took effect: read the state back before making the call again.`
    const context = { s3Path: server, ...facts, server }
    return new S3UploadError(context, { reason: aborted, cause, outcome: 'unknown', message })
  }
  const outcome = changes === 'something' && code === 'DEPLOYMENT_FAILED' ? 'unknown' : 'not-applied'
  const options = { reason: aborted, cause, outcome } as const
  if (code === undefined) return new DatabaseError({ ...facts, operation, server }, options)
  // Where the address in the store is not known yet, the reading was from the server.
  return createError(code, { s3Path: server, ...facts, server }, options)
}

/** The error that an answer carries; a 5xx or a page that no registry wrote is one as well. */
export async function failureOf(response: Response, asked: Asked): Promise<ModelRegistryError> {
  const text = await boundedText(response).catch(() => '')
  const json = jsonOf(text)
  const revived = reviveError(json)
  if (revived !== undefined) return revived
  const { status, statusText, headers } = response
  const detail = textOf(json, 'detail') ?? textOf(json, 'title') ?? statusText
  const { operation, server, changes, subject } = asked
  const { code: _, ...facts } = subject
  const requestId = textOf(json, 'requestId') ?? headers.get(REQUEST_ID_HEADER) ?? undefined
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  const context = {
    ...facts,
    operation,
    server,
    status,
    actual: `${status}${detail === '' ? '' : ` (${detail})`}`,
    ...(Number.isFinite(seconds) ? { retryInMs: seconds * 1000 } : {}),
  }
  const outcome = changes === 'something' && status >= 500 ? 'unknown' : 'not-applied'
  return new S3UnavailableError(context, {
    reason: serverFailed,
    outcome,
    ...(requestId === undefined ? {} : { requestId }),
  })
}

/** `fetch failed` says nothing; what it carries does. */
function networkCode(error: unknown): string | undefined {
  let link = error
  for (let depth = 0; depth < 5 && typeof link === 'object' && link !== null; depth++) {
    if ('code' in link && typeof link.code === 'string') return link.code
    const next: unknown = 'cause' in link ? link.cause : undefined
    link = next ?? ('errors' in link && Array.isArray(link.errors) ? link.errors[0] : undefined)
  }
  return undefined
}

function deepestMessage(error: unknown): string {
  let message = String(error)
  for (let link = error, depth = 0; link instanceof Error && depth < 5; link = link.cause, depth++)
    message = link.message
  return message
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not a problem document: the status alone has to do.
    return undefined
  }
}

function textOf(json: unknown, name: string): string | undefined {
  const value: unknown =
    typeof json === 'object' && json !== null ? Object.getOwnPropertyDescriptor(json, name)?.value : undefined
  return typeof value === 'string' ? value : undefined
}
