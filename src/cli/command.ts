import type { Command } from 'commander'
import type { Options } from './options.js'
import type { Paint } from './paint.js'
import type { Session } from './session.js'

/** What a command has to say, for programs and for people. */
export interface Answer {
  /** What the program exits with; 0 when absent. 1 says "there is none" to a script, without an error. */
  readonly exitCode?: 0 | 1
  /** The only thing on stdout with `--json`. */
  readonly json: unknown
  /** @param screen.width - columns; undefined where nothing may be cut. */
  readonly text: (paint: Paint, screen: { readonly width: number | undefined }) => string
  /** An error to print after the text; `json` holds it already. */
  readonly failure?: unknown
}

export interface Example {
  readonly what: string
  /** Starts with `modelry`; the tests run it as it stands. */
  readonly run: string
}

/** One command: parses what it was given, makes one use of the registry, answers once. */
export interface CliCommand {
  readonly examples: readonly Example[]
  /** Declares arguments and options. */
  configure(command: Command): void
  /** @returns undefined when it has written its answer itself. */
  run(session: Session, args: readonly string[], options: Options): Promise<Answer | undefined>
}

/** A command that only has commands below it: `alias set`, `alias rm`. */
export interface CliGroup {
  readonly subcommands: Readonly<Record<string, CliCommand & { readonly summary: string }>>
}
