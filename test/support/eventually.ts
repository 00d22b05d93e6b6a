/**
 * Asks again until `attempt` no longer throws, and throws its last error once `deadlineMs` have passed. For what happens
 * soon but not at once, such as the end of a process.
 */
export async function eventually<T>(attempt: () => T | Promise<T>, deadlineMs = 10_000): Promise<T> {
  const deadline = performance.now() + deadlineMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
