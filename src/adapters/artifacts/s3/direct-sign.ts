import type { SignedRequest } from '../../../ports/direct-transfer.js'
import { field } from './classify.js'

/** How long a signed request may be used. Seconds; a part has to begin within it, not to end. */
const SIGNED_FOR_SECONDS = 900

type Signing = typeof import('@aws-sdk/s3-request-presigner')

/** The SDK's signing of requests for others; undefined where that package is not installed. */
export async function loadSigning(): Promise<Signing | undefined> {
  try {
    return await import('@aws-sdk/s3-request-presigner')
  } catch (error) {
    if (field(error, 'code') === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}

/** Where in the SDK's making of a request its headers are complete and not yet signed. */
export const HEADERS_COMPLETE = { step: 'build', priority: 'low', name: 'keepHeadersThatAreSigned' } as const

/** Looks at a request on its way through the SDK. */
type Watch = <A extends object, R>(next: (args: A) => R) => (args: A) => R

/**
 * Signs a request with all of its headers: by default the SDK moves what begins with `x-amz-` into the query, where not
 * every store looks for a checksum.
 *
 * @param urlOf - signs the request; `watch` is added to its command at HEADERS_COMPLETE.
 */
export async function sign(
  method: SignedRequest['method'],
  urlOf: (
    watch: Watch,
    options: { readonly expiresIn: number; readonly unhoistableHeaders: Set<string> },
  ) => Promise<string>,
): Promise<SignedRequest> {
  const unhoistableHeaders = new Set<string>()
  let given: Record<string, string> = {}
  const watch: Watch = (next) => (args) => {
    given = headersOf(field(args, 'request'))
    for (const name of Object.keys(given)) if (name.startsWith('x-amz-')) unhoistableHeaders.add(name)
    return next(args)
  }
  const signedAt = Date.now()
  const url = await urlOf(watch, { expiresIn: SIGNED_FOR_SECONDS, unhoistableHeaders })
  const names = new URL(url).searchParams.get('X-Amz-SignedHeaders')?.split(';') ?? []
  const headers = names.flatMap((name) => {
    const value = given[name]
    // Both are the HTTP client's own to send, and no browser lets anybody else set them.
    return value === undefined || name === 'host' || name === 'content-length' ? [] : [[name, value]]
  })
  return {
    method,
    url,
    headers: Object.fromEntries(headers),
    expiresAt: new Date(signedAt + SIGNED_FOR_SECONDS * 1_000),
  }
}

function headersOf(request: unknown): Record<string, string> {
  const headers = field(request, 'headers')
  if (typeof headers !== 'object' || headers === null) return {}
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  )
}
