import type { IncomingMessage } from 'node:http'
import { refuse } from '../domain/refuse.js'
import { parseUniqueJson } from '../domain/unique-json.js'
import { malformedRequest } from '../errors/causes/http.js'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import { receiveWhole } from './receive.js'

/** The values of a metadata document may be 32 deep; nothing else that is sent comes near it. */
const DEEPEST = 40

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

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
  const pieces = await receiveWhole(request, limits)
  return pieces.length === 0 ? undefined : parseBody(Buffer.concat(pieces))
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** @throws ModelValidationError with cause `malformed-request`. */
export function parseBody(bytes: Uint8Array): unknown {
  try {
    refuseDepth(bytes)
    const value = parseUniqueJson(utf8.decode(bytes), 'The request')
    refuseOddities(value)
    return value
  } catch (error) {
    if (error instanceof ModelValidationError) throw unreadable(error)
    throw unreadable(refuse('', 'bytes that are not UTF-8', 'JSON in UTF-8'))
  }
}

function unreadable({ context }: ModelValidationError): ModelValidationError {
  return new ModelValidationError({ ...context, operation: 'The request' }, { reason: malformedRequest })
}

/** Before it is parsed: a tree of a million levels takes seconds to build and to walk. In UTF-8 no byte is part of two. */
function refuseDepth(bytes: Uint8Array): void {
  let depth = 0
  let inText = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (inText) {
      if (byte === BACKSLASH) i++
      else if (byte === QUOTE) inText = false
    } else if (byte === QUOTE) inText = true
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      if (++depth > DEEPEST) throw refuse('', 'a deeper tree', `JSON of at most ${DEEPEST} levels`)
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth--
  }
}

function refuseOddities(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const [name, item] of Object.entries(value)) {
    const reaches = name === 'constructor' && typeof item === 'object' && item !== null && 'prototype' in item
    if (name === '__proto__' || (reaches && Object.hasOwn(item, 'prototype')))
      throw refuse(name, name, 'a name through which no prototype can be reached')
    refuseOddities(item)
  }
}
