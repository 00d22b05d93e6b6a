import type { Cause, ErrorContext } from './cause.js'

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

/** What became of the user's data: nothing was changed, the change was made, or it can't be told from here. */
export type Outcome = 'not-applied' | 'applied' | 'unknown'

/** What the catalog says of one code. */
export interface ErrorEntry {
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
  /** What happened, as a clause without its full stop: "The file x of y@1.0.0 could not be stored at z". */
  readonly happened: (facts: ErrorContext) => string
  /** What became of the data when the one who throws says no more than the outcome: a whole sentence. */
  readonly outcome: (facts: ErrorContext, outcome: Outcome) => string
}

export function defineEntry<const E extends ErrorEntry>(entry: E): E {
  return Object.freeze(entry)
}
