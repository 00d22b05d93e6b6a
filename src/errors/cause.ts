/** What a person or a program may do after a failure: nothing, the same call again, or the same call once something is mended. */
export type RetryAdvice = 'never' | 'safe' | 'after-fix'

/** One thing to do. `run` is a command that can be pasted as it stands. */
export interface Step {
  readonly text: string
  readonly run?: string
}

/**
 * What proves a cause, as data, so that one rule serves for an error object and for pasted text.
 *
 * - `errno`: Node's `error.code` of a system call, such as `ENOSPC`.
 * - `sqlite`: SQLite's result code; a primary code (0 to 255) matches all of its extended codes.
 * - `sqlstate`: five characters, or the two of a class.
 * - `sdk`: the name or code of an S3 answer.
 * - `status`: an HTTP status, unless the answer carries one of the codes in `not`.
 * - `registry`: only the registry itself can know; nothing outside proves it.
 */
export type Evidence =
  | { readonly is: 'errno'; readonly codes: readonly string[] }
  | { readonly is: 'sqlite'; readonly codes: readonly number[] }
  | { readonly is: 'sqlstate'; readonly codes: readonly string[] }
  | { readonly is: 'sdk'; readonly codes: readonly string[] }
  | { readonly is: 'status'; readonly status: number; readonly not: readonly string[] }
  | { readonly is: 'any-of'; readonly of: readonly Evidence[] }
  | { readonly is: 'registry' }

/** @see Evidence */
export const errno = (...codes: string[]): Evidence => ({ is: 'errno', codes })
/** @see Evidence */
export const sqlite = (...codes: number[]): Evidence => ({ is: 'sqlite', codes })
/** @see Evidence */
export const anyOf = (...of: Evidence[]): Evidence => ({ is: 'any-of', of })
/** @see Evidence */
export const knownToRegistry: Evidence = { is: 'registry' }

/** A problem of one field, as a reader needs it: where, what was found, what is allowed. */
export interface ValidationProblem {
  /** Path into the value: `inputShape.0`, `lineage.dataset`; empty for the value as a whole. */
  readonly path: string
  readonly found: string
  readonly allowed: string
  readonly message: string
}

/**
 * The facts of one failure, in the words of the glossary. Every code has its own notable ones; causes read any of them.
 * Values are JSON, so that a context survives a log, a worker boundary and HTTP.
 */
export interface ErrorContext {
  readonly operation?: string
  readonly modelId?: string
  readonly version?: string
  readonly environment?: string
  readonly alias?: string
  readonly s3Path?: string
  readonly bucket?: string
  readonly key?: string
  /** Where the object lies on this machine, when the store is a folder. */
  readonly localPath?: string
  /** Path of a file inside its version. */
  readonly file?: string
  readonly invalidPath?: string
  readonly problem?: string
  readonly validationErrors?: readonly ValidationProblem[]
  readonly holder?: string
  readonly purpose?: string
  readonly retryInMs?: number
  readonly nextVersion?: string
  /** Whether the content offered is the content stored; absent when it was not compared. */
  readonly identical?: boolean
  readonly stats?: unknown
  readonly availableVersions?: readonly string[]
  readonly didYouMean?: readonly string[]
  readonly expected?: unknown
  readonly actual?: unknown
  readonly step?: string
  readonly [fact: string]: unknown
}

/** One known reason for a failure. Identifiers are permanent: never renamed, never given a second meaning. */
export interface Cause {
  readonly id: string
  readonly title: string
  /** Completes "… failed because …": a clause without its full stop. */
  readonly because: (facts: ErrorContext) => string
  readonly evidence: Evidence
  readonly retry: RetryAdvice
  /** HTTP status where it differs from the code's own. */
  readonly status?: number
  readonly steps: (facts: ErrorContext) => readonly Step[]
  /** The page that documents the evidence; `modelry` where the registry's own rule is the cause. */
  readonly source: string
}

export function defineCause(cause: Cause): Cause {
  return Object.freeze(cause)
}

export function step(text: string, command?: { run: string }): Step {
  return command ? { text, run: command.run } : { text }
}
