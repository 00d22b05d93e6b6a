import type { Readable, Writable } from 'node:stream'

/** What a run of the command line reads from and writes to; a process's own, or a test's. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean | undefined }
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Aborts when the user wants out. */
  readonly signal: AbortSignal
}

export type Output = Writable & {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** Resolves once the text is handed over; a reader that has gone away is no failure. */
export function write(output: Output, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (output.destroyed || output.writableEnded) resolve()
    else output.write(text, () => resolve())
  })
}

/** Columns to fit human output into; undefined where it is not a screen that reads it, and nothing may be cut. */
export function widthOf(output: Output): number | undefined {
  // A terminal that does not know its size says 0.
  return output.isTTY ? output.columns || 80 : undefined
}
