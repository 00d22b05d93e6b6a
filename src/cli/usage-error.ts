/** The command line itself is wrong: a missing argument, an unknown option. Ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
