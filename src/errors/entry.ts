import type { Cause, CauseFix, ErrorContext, Outcome, RetryAdvice, Step } from './cause.js'

export type { Outcome } from './cause.js'

/** The 13 codes. They are a public promise: none is renamed or removed. */
export const errorCodes = [
  'S3_UPLOAD_FAILED',
  'S3_DOWNLOAD_FAILED',
  'S3_DELETE_FAILED',
  'S3_ERROR',
  'S3_UNAVAILABLE',
  'INVALID_S3_PATH',
  'MODEL_VALIDATION_FAILED',
  'DEPLOYMENT_FAILED',
  'CONCURRENT_DEPLOYMENT',
  'DUPLICATE_MODEL',
  'CIRCUIT_BREAKER_OPEN',
  'DATABASE_ERROR',
  'MODEL_NOT_FOUND',
] as const

export type ErrorCode = (typeof errorCodes)[number]
export type ErrorCategory = 'Storage' | 'Network' | 'Validation' | 'Deployment' | 'Versioning' | 'Database'
export type ErrorSeverity = 'Critical' | 'High' | 'Medium' | 'Low'

/** A page outside of the project that explains what stands behind a code. */
export interface RelatedDoc {
  readonly title: string
  readonly url: string
}

/** What is read beforehand rather than at night; kept apart, so that a page for a browser need not carry it. */
export interface EntryGuide {
  /** How to keep it from happening, in whole sentences. */
  readonly prevention: readonly string[]
  /** What somebody with the admin scope may force, and at which risk; absent where there is nothing. */
  readonly adminMayForce?: string
  /** A module in TypeScript that meets the error and handles it. */
  readonly example: string
  readonly relatedDocs: readonly RelatedDoc[]
}

/** What the page of a code says, whatever the failure was. */
export interface EntryPage {
  /** What the code alone says of making the same call again; the cause of one failure says it more exactly. */
  readonly retry: { readonly advice: RetryAdvice; readonly inMs?: number }
  /** What to do before the cause is known, in order. */
  readonly troubleshooting: readonly Step[]
  /** What ends by itself and when, in whole sentences; absent where somebody has to act. */
  readonly healsByItself?: string
}

/** What the catalog says of one code. */
export interface ErrorEntry extends EntryPage {
  readonly code: ErrorCode
  /** Name of the class, which stays the same when the code is minified. */
  readonly className: string
  readonly title: string
  readonly description: string
  readonly category: ErrorCategory
  readonly severity: ErrorSeverity
  readonly since: string
  /** HTTP status, unless the cause has its own. */
  readonly status: number
  /** Name of the page under `docs/runbooks/`. */
  readonly runbook: string
  /** The causes that can lead to the code, most likely first. */
  readonly causes: readonly Cause[]
  /** The repairs of its causes do not run for this code. */
  readonly repairs?: 'none'
  /** What happened, as a clause without its full stop: "The file x of y@1.0.0 could not be stored at z". */
  readonly happened: (facts: ErrorContext, outcome: Outcome) => string
  /** What became of the data when the one who throws says no more than the outcome: a whole sentence. */
  readonly outcome: (facts: ErrorContext, outcome: Outcome) => string
}

/** The repair that runs for this cause of the code. */
export function repairOf(entry: Pick<ErrorEntry, 'repairs'>, cause: Cause): CauseFix | undefined {
  return entry.repairs === 'none' ? undefined : cause.fix
}

/** Causes and groups of causes, most likely first; one that is named before its group stands there alone. */
export function byLikelihood(...causes: readonly (Cause | readonly Cause[])[]): readonly Cause[] {
  return Object.freeze([...new Set(causes.flat())])
}

export function defineGuide(guide: EntryGuide): EntryGuide {
  return Object.freeze(guide)
}

export function definePage(page: EntryPage): EntryPage {
  return Object.freeze(page)
}

export function defineEntry<const E extends ErrorEntry>(entry: E): E {
  return Object.freeze(entry)
}
