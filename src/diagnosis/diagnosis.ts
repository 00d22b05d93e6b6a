import type { CauseFix, Outcome, RetryAdvice, Step } from '../errors/cause.js'
import type { ErrorCode } from '../errors/entry.js'
import type { Operation } from './read/operations.js'

export interface DiagnoseOptions {
  /** What was being done, where the caller knows it. */
  readonly operation?: Operation | undefined
}

/** One thing that the answer rests on. */
export interface EvidenceShown {
  /** As it stands in the text, without secrets. */
  readonly text: string
  /** Where it stands, in UTF-16 units of the text that was given; for an error, of what `describeError` makes of it. */
  readonly start: number
  readonly end: number
  /** What it says: a clause such as "the S3 error code AccessDenied". */
  readonly means: string
}

/** What a text or an error comes from, and what to do. Plain JSON. */
export interface Diagnosis {
  /** null where no failure of a registry was found. */
  readonly code: ErrorCode | null
  /** The id of the cause, `unknown` where the code alone is known; null without a code. */
  readonly cause: string | null
  readonly title: string
  /** From 0 to 1. */
  readonly confidence: number
  /** Strongest first. */
  readonly evidence: readonly EvidenceShown[]
  /** What became of the data, as far as the cause tells. */
  readonly outcome: Outcome
  readonly retry: { readonly advice: RetryAdvice; readonly inMs?: number }
  /** In order, with the values of the text in them. What is not known stands in capitals. */
  readonly steps: readonly Step[]
  readonly runbook: string | null
  /** The repair that runs, where there is one. */
  readonly fix: CauseFix | null
  /** Other causes that were weighed, most likely first. */
  readonly considered: readonly {
    readonly code: ErrorCode
    readonly cause: string
    readonly confidence: number
  }[]
}
