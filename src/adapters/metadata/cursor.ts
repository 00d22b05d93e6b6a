import { hash } from 'node:crypto'
import { type Page, toPage } from '../../domain/page.js'
import { refuse } from '../../domain/refuse.js'

type Key = string | number
const CURSOR_RULE = 'the cursor of an earlier page of this very listing, unchanged'

/**
 * Where the next page of one listing starts: the sort key of the last row, with a mark of the listing that it belongs to.
 *
 * @param listing - the name of the listing and its filters; pages of another one are refused.
 * @param shape - an example of the key, for its types; where no cursor is given, it is the start.
 */
export function readCursor<K extends readonly Key[]>(
  cursor: string | undefined,
  listing: readonly unknown[],
  shape: K,
): K {
  if (cursor === undefined) return shape
  const [mark, ...key] = parse(cursor)
  const fits =
    mark === markOf(listing) &&
    key.length === shape.length &&
    key.every(
      (part, i) => typeof part === typeof shape[i] && (typeof part !== 'number' || Number.isFinite(part)),
    )
  if (!fits) throw refuse('cursor', cursor, CURSOR_RULE)
  return key as unknown as K
}

/**
 * The first `limit` of `rows`, which are one more than the page where there is a further one.
 *
 * @param key - the sort key of a row.
 */
export function pageOf<R, T>(
  rows: readonly R[],
  limit: number,
  listing: readonly unknown[],
  key: (row: R) => readonly Key[],
  toItem: (row: R) => T,
): Page<T> {
  const last = rows.length > limit ? rows[limit - 1] : undefined
  const items = (rows.length > limit ? rows.slice(0, limit) : rows).map(toItem)
  return toPage(items, last === undefined ? undefined : format([markOf(listing), ...key(last)]))
}

function markOf(listing: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(listing), 'base64url').slice(0, 11)
}

function format(parts: readonly Key[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

function parse(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(parts) ? parts : []
  } catch {
    return []
  }
}
