/** The user without rights that most systems have, and name `nobody`. */
const NOBODY = 65534

/**
 * Runs `work` as a user whom file permissions bind: as root they would not. The whole process is that user meanwhile.
 * Where the tests do not run as root, it is the user who runs them.
 */
export async function asOtherUser<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work()
  process.seteuid?.(NOBODY)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}
