import { hash } from 'node:crypto'

/** A strong entity tag of what is answered, so that it changes with every byte of it. */
export function etagOfBody(body: string): string {
  return `"${hash('sha1', body, 'base64url')}"`
}

/**
 * Whether an `If-None-Match` field matches (RFC 9110, section 13.1.2: `*`, or a list compared weakly).
 */
export function matchesNone(field: string | undefined, etag: string): boolean {
  if (field === undefined) return false
  if (field.trim() === '*') return true
  return field.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
}
