/**
 * One page of a listing: an array, and where the next page starts. Paging is by key, so that a page costs the same
 * wherever it lies and nothing is shown twice when something is saved in between.
 */
export type Page<T> = readonly T[] & {
  /** Pass as `cursor` for the next page; absent on the last one. */
  readonly nextCursor?: string
}

export const PAGE_LIMIT = 1000
export const DEFAULT_PAGE = 100

/** @param nextCursor - undefined on the last page. */
export function toPage<T>(items: readonly T[], nextCursor: string | undefined): Page<T> {
  const page = [...items]
  // Not enumerable, so that a page compares, spreads and prints as the plain array that it is.
  return nextCursor === undefined ? page : Object.defineProperty(page, 'nextCursor', { value: nextCursor })
}
