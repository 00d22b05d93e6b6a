/** What all pages of a listing have. */
export async function allPages<T>(
  page: (cursor: string | undefined) => Promise<readonly T[] & { nextCursor?: string }>,
): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const next = await page(cursor)
    items.push(...next)
    cursor = next.nextCursor
  } while (cursor !== undefined)
  return items
}
