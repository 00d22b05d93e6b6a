import { catalog } from '../catalog.js'
import type { Cause, RetryAdvice } from '../cause.js'
import {
  type ErrorCategory,
  type ErrorCode,
  type ErrorEntry,
  type ErrorSeverity,
  repairOf,
} from '../entry.js'

/** One line of a list of the catalog: a code, or one cause of it. */
export interface CatalogItem {
  readonly code: ErrorCode
  /** Absent where the code itself is meant. */
  readonly cause?: string
  readonly title: string
  readonly category: ErrorCategory
  readonly severity: ErrorSeverity
  readonly retry: RetryAdvice
  /** Whether a repair that runs exists. */
  readonly fixable: boolean
}

export const categories = [
  'Storage',
  'Network',
  'Validation',
  'Deployment',
  'Versioning',
  'Database',
] as const
export const severities = ['Critical', 'High', 'Medium', 'Low'] as const
export const retryAdvices = ['never', 'safe', 'after-fix'] as const

export function itemOf(entry: ErrorEntry, cause?: Cause): CatalogItem {
  const { code, title, category, severity, retry, causes } = entry
  if (cause === undefined) {
    const fixable = causes.some((one) => repairOf(entry, one) !== undefined)
    return { code, title, category, severity, retry: retry.advice, fixable }
  }
  const fixable = repairOf(entry, cause) !== undefined
  return { code, cause: cause.id, title: cause.title, category, severity, retry: cause.retry, fixable }
}

export function codeItems(): CatalogItem[] {
  return Object.values(catalog).map((entry) => itemOf(entry))
}
