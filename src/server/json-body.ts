import type { IncomingMessage } from 'node:http'
import { refuse } from '../domain/refuse.js'
import { parseUniqueJson } from '../domain/unique-json.js'
import { malformedRequest } from '../errors/causes/http.js'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import { receive } from './receive.js'

/** The values of a metadata document may be 32 deep; nothing else that is sent comes near it. */
const DEEPEST = 40

export interface JsonBodyLimits {
  readonly maxBytes: number
  /** How long the body may take to arrive, in milliseconds. */
  readonly withinMs: number
}

/**
 * Reads the body of a request as JSON; undefined when there is none. Refuses what parsers disagree on or trip over: a
 * name twice in an object (RFC 8259, section 4), deep trees, names through which a prototype can be reached.
 *
 * @throws ModelValidationError with cause `malformed-request` or `body-too-large`.
 */
export async function readJsonBody(request: IncomingMessage, limits: JsonBodyLimits): Promise<unknown> {
  const pieces: Uint8Array[] = []
  const { maxBytes, withinMs } = limits
  for await (const piece of receive(request, { maxBytes, withinMs })) pieces.push(piece)
  return pieces.length === 0 ? undefined : parseBody(Buffer.concat(pieces))
}

/** @throws ModelValidationError with cause `malformed-request`. */
export function parseBody(bytes: Uint8Array): unknown {
  try {
    const value = parseUniqueJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes), 'The request')
    refuseOddities(value, 0)
    return value
  } catch (error) {
    if (error instanceof ModelValidationError) throw unreadable(error)
    throw unreadable(refuse('', 'bytes that are not UTF-8', 'JSON in UTF-8'))
  }
}

function unreadable({ context }: ModelValidationError): ModelValidationError {
  return new ModelValidationError({ ...context, operation: 'The request' }, { reason: malformedRequest })
}

function refuseOddities(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth >= DEEPEST) throw refuse('', 'a deeper tree', `JSON of at most ${DEEPEST} levels`)
  for (const [name, item] of Object.entries(value)) {
    const reaches = name === 'constructor' && typeof item === 'object' && item !== null && 'prototype' in item
    if (name === '__proto__' || (reaches && Object.hasOwn(item, 'prototype')))
      throw refuse(name, name, 'a name through which no prototype can be reached')
    refuseOddities(item, depth + 1)
  }
}
