/** What a person or a program may do after a failure: nothing, the same call again, or the same call once something is mended. */
export type RetryAdvice = 'never' | 'safe' | 'after-fix'

/** One thing to do. `run` is a command that can be pasted as it stands. */
export interface Step {
  readonly text: string
  readonly run?: string
}

/** What became of the user's data: nothing was changed, the change was made, or it can't be told from here. */
export type Outcome = 'not-applied' | 'applied' | 'unknown'

/**
 * What proves a cause, as data, so that one rule serves for an error object and for pasted text.
 *
 * - `errno`: Node's `error.code`: of a system call (`ENOSPC`), of TLS (`CERT_HAS_EXPIRED`), of its HTTP clients.
 * - `sqlite`: SQLite's result code; a primary code (0 to 255) matches all of its extended codes.
 * - `sqlstate`: five characters, or the two of a class.
 * - `sdk`: the name or code of an S3 answer, or the class of an error that an S3 client raises before it asks.
 * - `pgrst`: a code of PostgREST.
 * - `status`: an HTTP status, unless the answer carries one of the codes in `not`.
 * - `operation`: the S3 operation that was called, such as `HeadBucket`.
 * - `wording`: what a message says, where no code tells the cause: English first, other languages of the same server by
 *   their tag. An ellipsis stands for up to 160 characters. Case does not matter.
 * - `registry`: only the registry itself can know; nothing outside proves it.
 *
 * `common`: programs of every kind have these codes or words, so that in a pasted text they say little by themselves.
 */
export type Evidence =
  | { readonly is: 'errno'; readonly codes: readonly string[]; readonly common?: true }
  | { readonly is: 'sqlite'; readonly codes: readonly number[] }
  | { readonly is: 'sqlstate'; readonly codes: readonly string[] }
  | { readonly is: 'sdk'; readonly codes: readonly string[]; readonly common?: true }
  | { readonly is: 'pgrst'; readonly codes: readonly string[] }
  | { readonly is: 'status'; readonly status: number; readonly not: readonly string[] }
  | { readonly is: 'operation'; readonly names: readonly string[] }
  | {
      readonly is: 'wording'
      readonly phrases: { readonly [language: string]: readonly string[] }
      readonly common?: true
    }
  | { readonly is: 'any-of'; readonly of: readonly Evidence[] }
  | { readonly is: 'all-of'; readonly of: readonly Evidence[] }
  | { readonly is: 'registry' }

/** @see Evidence */
export const errno = (...codes: string[]): Evidence => ({ is: 'errno', codes })
/** @see Evidence */
export const sqlite = (...codes: number[]): Evidence => ({ is: 'sqlite', codes })
/** @see Evidence */
export const sqlstate = (...codes: string[]): Evidence => ({ is: 'sqlstate', codes })
/** @see Evidence */
export const sdk = (...codes: string[]): Evidence => ({ is: 'sdk', codes })
/** @see Evidence */
export const pgrst = (...codes: string[]): Evidence => ({ is: 'pgrst', codes })
/** @see Evidence */
export const status = (code: number, options?: { readonly not: readonly string[] }): Evidence => ({
  is: 'status',
  status: code,
  not: options?.not ?? [],
})
/** @see Evidence */
export const operation = (...names: string[]): Evidence => ({ is: 'operation', names })
/** @see Evidence */
export const wording = (
  english: readonly string[],
  others: { readonly [language: string]: readonly string[] } = {},
): Evidence => ({ is: 'wording', phrases: { en: english, ...others } })
/** @see Evidence */
export const commonErrno = (...codes: string[]): Evidence => ({ is: 'errno', codes, common: true })
/** @see Evidence */
export const commonSdk = (...codes: string[]): Evidence => ({ is: 'sdk', codes, common: true })
/** @see Evidence */
export const commonWording = (
  english: readonly string[],
  others: { readonly [language: string]: readonly string[] } = {},
): Evidence => ({ is: 'wording', phrases: { en: english, ...others }, common: true })
/** @see Evidence */
export const anyOf = (...of: Evidence[]): Evidence => ({ is: 'any-of', of })
/** Every one of them, close together. @see Evidence */
export const allOf = (...of: Evidence[]): Evidence => ({ is: 'all-of', of })
/** @see Evidence */
export const knownToRegistry: Evidence = { is: 'registry' }

/** A problem of one field, as a reader needs it: where, what was found, what is allowed. */
export interface ValidationProblem {
  /** Path into the value: `inputShape.0`, `lineage.dataset`; empty for the value as a whole. */
  readonly path: string
  readonly found: string
  readonly allowed: string
  readonly message: string
  /** The value that seems to be meant, which is allowed; absent where that cannot be told. */
  readonly suggested?: unknown
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
  readonly region?: string
  /** The address of the store where it is not AWS, such as `http://127.0.0.1:9000`. */
  readonly endpoint?: string
  /** How often the store was asked, where its driver asked again by itself. */
  readonly attempts?: number
  /** What was asked for, as a policy names it: `s3:PutObject`, `kms:Decrypt`. */
  readonly action?: string
  /** Who asked: an ARN. */
  readonly identity?: string
  readonly host?: string
  readonly port?: number
  /** The user of the database. */
  readonly role?: string
  readonly database?: string
  readonly table?: string
  readonly column?: string
  readonly constraint?: string
  /** Where the object lies on this machine, when the store is a folder. */
  readonly localPath?: string
  /** Path of a file inside its version. */
  readonly file?: string
  readonly invalidPath?: string
  /** The address that `invalidPath` seems to mean. */
  readonly suggestedPath?: string
  readonly problem?: string
  readonly validationErrors?: readonly ValidationProblem[]
  /** The values as they were given, with every problem repaired; absent where not all of them can be. */
  readonly suggestedMetadata?: Readonly<Record<string, unknown>>
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
  /** The version of modelry that made what is there. */
  readonly program?: string
  readonly step?: string
  readonly [fact: string]: unknown
}

/** A repair that runs, as far as it is data. */
export interface CauseFix {
  readonly id: string
  readonly applicability: 'safe' | 'needs-consent'
  /** What it does: an infinitive, such as "wait until the breaker lets a call through". */
  readonly does: string
}

/** One known reason for a failure. Identifiers are permanent: never renamed, never given a second meaning. */
export interface Cause {
  readonly id: string
  readonly title: string
  /** Completes "…, because …": a clause without its full stop. */
  readonly because: (facts: ErrorContext) => string
  readonly evidence: Evidence
  /** Broader causes that the same evidence also fits: where one of them is proven too, this one is meant. */
  readonly narrows?: readonly string[]
  /** Says little more than that something failed: where another cause is proven beside it, that one is meant. */
  readonly broad?: true
  /** Comes after another failure: where another cause is proven too, that one counts. */
  readonly symptom?: true
  readonly retry: RetryAdvice
  /** How long to wait before the same call is worth making again, in milliseconds, when the failure does not say it. */
  readonly retryInMs?: number
  /** What is known of a change that failed for this cause; `not-applied` when absent. */
  readonly outcome?: Outcome
  /** The repair that runs, where there is one; `needs-consent` where it changes more than the failed call would have. */
  readonly fix?: CauseFix
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
