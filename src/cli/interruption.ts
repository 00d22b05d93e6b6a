/** What the signals that ask a program to end leave in `$?`, as shells count it: 128 and the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const

export type EndingSignal = keyof typeof EXIT_CODES

/** The reason of a session's signal: somebody wants out. No failure, so nothing is said of it. */
export class Interruption extends Error {
  // Node's own name for it, by which it is known where the reason of a signal is thrown as it is.
  override readonly name = 'AbortError'
  readonly exitCode: number

  constructor(by: EndingSignal) {
    super(`Interrupted by ${by}.`)
    this.exitCode = EXIT_CODES[by]
  }
}

/** Whether an error says nothing but that somebody wanted out, or that a stream or a wait was ended for it. */
export function isInterruption(error: unknown, signal: AbortSignal): boolean {
  if (error instanceof Interruption) return true
  return (
    signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'))
  )
}

/** The exit code of a run that was interrupted; undefined when it was not. */
export function interruptedCode(error: unknown, { aborted, reason }: AbortSignal): number | undefined {
  if (error instanceof Interruption) return error.exitCode
  if (!aborted) return undefined
  return reason instanceof Interruption ? reason.exitCode : EXIT_CODES.SIGINT
}
