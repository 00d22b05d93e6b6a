/** Does `work` for each item, a few at a time. The first failure ends it, when all that is under way has ended. */
export async function severalAtOnce<T>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const underway = new Set<Promise<void>>()
  let failed: { readonly error: unknown } | undefined
  try {
    for await (const item of items) {
      const done: Promise<void> = work(item)
        .catch((error: unknown) => {
          failed ??= { error }
        })
        .finally(() => underway.delete(done))
      underway.add(done)
      if (underway.size >= limit) await Promise.race(underway)
      if (failed !== undefined) break
    }
  } finally {
    await Promise.all(underway)
  }
  if (failed !== undefined) throw failed.error
}
