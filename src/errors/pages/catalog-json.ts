import { catalog, causesById } from '../catalog.js'
import type { Cause, CauseFix, Outcome, RetryAdvice, Step } from '../cause.js'
import { unknownCause } from '../causes/unknown.js'
import {
  type ErrorCategory,
  type ErrorCode,
  type ErrorEntry,
  type ErrorSeverity,
  errorCodes,
  type RelatedDoc,
  repairOf,
} from '../entry.js'
import { type ForeignCodes, foreignCodesOf } from './foreign-codes.js'
import { guides } from './guides.js'
import { becauseOf, placeholdersOfMessage, stepsOf } from './without-failure.js'

export interface RetryJson {
  readonly advice: RetryAdvice
  readonly inMs?: number
}

/** A code, without what its causes say. */
export interface EntryJson {
  readonly code: ErrorCode
  readonly className: string
  readonly title: string
  readonly description: string
  readonly category: ErrorCategory
  readonly severity: ErrorSeverity
  readonly since: string
  readonly status: number
  readonly retry: RetryJson
  /** What happened, as the message says it, with what a failure fills in in capitals. */
  readonly happened: string
  /** What became of the data, for each outcome. */
  readonly outcomes: Readonly<Record<Outcome, string>>
  /** Whether a repair that runs exists for one of its causes. */
  readonly fixable: boolean
  /** Path of the runbook in the package. */
  readonly runbook: string
  readonly troubleshooting: readonly Step[]
  readonly prevention: readonly string[]
  readonly healsByItself?: string
  readonly adminMayForce?: string
  readonly example: string
  readonly relatedDocs: readonly RelatedDoc[]
  /** Ids, most likely first. */
  readonly causes: readonly string[]
}

export interface CauseJson {
  readonly id: string
  readonly title: string
  readonly because: string
  /** The codes that it leads to. */
  readonly errors: readonly ErrorCode[]
  readonly retry: RetryJson
  /** What is known of a change that fails for it. */
  readonly outcome: Outcome
  /** HTTP status where it differs from the code's own. */
  readonly status?: number
  readonly foreignCodes: readonly ForeignCodes[]
  readonly fix?: CauseFix
  readonly steps: readonly Step[]
  readonly source: string
}

export interface CatalogJson {
  readonly $schema: string
  /** Goes up when the form changes so that a reader of the old one fails. */
  readonly format: 1
  readonly errors: readonly EntryJson[]
  readonly causes: readonly CauseJson[]
}

const outcomes = ['not-applied', 'applied', 'unknown'] as const

export function runbookPath({ runbook }: Pick<ErrorEntry, 'runbook'>): string {
  return `docs/runbooks/${runbook}.md`
}

/** The codes that a cause leads to, in the order of the catalog; all of them for the cause that is not known. */
export function codesOfCause({ id }: Cause): readonly ErrorCode[] {
  if (id === unknownCause.id) return errorCodes
  return errorCodes.filter((code) => catalog[code].causes.some((cause) => cause.id === id))
}

export function entryJson(entry: ErrorEntry): EntryJson {
  const { code, className, title, description, category, severity, since, status, retry } = entry
  const { prevention, adminMayForce, example, relatedDocs } = guides[code]
  return {
    ...{ code, className, title, description, category, severity, since, status, retry },
    happened: entry.happened(placeholdersOfMessage, 'not-applied'),
    outcomes: outcomesOf(entry),
    fixable: entry.causes.some(({ fix }) => fix !== undefined),
    runbook: runbookPath(entry),
    troubleshooting: entry.troubleshooting,
    prevention,
    ...(entry.healsByItself === undefined ? {} : { healsByItself: entry.healsByItself }),
    ...(adminMayForce === undefined ? {} : { adminMayForce }),
    example,
    relatedDocs,
    causes: [...entry.causes.map(({ id }) => id), unknownCause.id],
  }
}

/** A code with everything that its causes say. */
export type EntryWithCausesJson = Omit<EntryJson, 'causes'> & { readonly causes: readonly CauseJson[] }

export function entryWithCauses(entry: ErrorEntry): EntryWithCausesJson {
  return {
    ...entryJson(entry),
    causes: [...entry.causes, unknownCause].map((cause) => causeJson(cause, entry)),
  }
}

function outcomesOf(entry: ErrorEntry): Record<Outcome, string> {
  const [nothing, done, unclear] = outcomes.map((outcome) => entry.outcome(placeholdersOfMessage, outcome))
  return { 'not-applied': nothing ?? '', applied: done ?? '', unknown: unclear ?? '' }
}

/** @param entry - of the code that it led to; where it is not known, the repair of any of its codes is told. */
export function causeJson(cause: Cause, entry: Pick<ErrorEntry, 'repairs'> = {}): CauseJson {
  const fix = repairOf(entry, cause)
  return {
    id: cause.id,
    title: cause.title,
    because: becauseOf(cause),
    errors: codesOfCause(cause),
    retry: { advice: cause.retry, ...(cause.retryInMs === undefined ? {} : { inMs: cause.retryInMs }) },
    outcome: cause.outcome ?? 'not-applied',
    ...(cause.status === undefined ? {} : { status: cause.status }),
    foreignCodes: foreignCodesOf(cause),
    ...(fix === undefined ? {} : { fix }),
    steps: stepsOf(cause),
    source: cause.source,
  }
}

/** The whole catalog as data: `modelry/catalog.json`. */
export function catalogJson(): CatalogJson {
  return {
    $schema: './catalog.schema.json',
    format: 1,
    errors: errorCodes.map((code) => entryJson(catalog[code])),
    causes: [...causesById.values(), unknownCause].map((cause) => causeJson(cause)),
  }
}
