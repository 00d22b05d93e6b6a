/** Does `work` for each item, a few at a time. The first failure ends it, when all that is under way has ended. */
export async function severalAtOnce<T>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = []
  let underway = 0
  // Not Promise.race over all that is under way: one that takes long would remember each race that it was in.
  let whenOneEnds: (() => void) | undefined
  const oneEnds = () =>
    new Promise<void>((resolve) => {
      whenOneEnds = resolve
    })
  const start = async (item: T) => {
    underway++
    try {
      await work(item)
    } catch (error) {
      failures.push(error)
    } finally {
      underway--
      whenOneEnds?.()
    }
  }
  try {
    for await (const item of items) {
      void start(item)
      if (underway >= limit) await oneEnds()
      if (failures.length > 0) break
    }
  } finally {
    while (underway > 0) await oneEnds()
  }
  if (failures.length > 0) throw failures[0]
}
