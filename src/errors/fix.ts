import type { ArtifactStore } from '../ports/artifact-store.js'
import type { MetadataStore } from '../ports/metadata-store.js'
import type { FixEffect, FixStep } from './auto-fix.js'
import type { Cause, CauseFix, ErrorContext } from './cause.js'
import type { ErrorCode } from './entry.js'
import type { ModelRegistryError } from './model-registry-error.js'

/** What a database needs before it can be opened. */
export interface DatabaseSetup {
  /** Whether opening it brings its tables up to date. */
  readonly migratesAtOpen: boolean
  /** The steps of its tables that are missing. Reads only. @throws DatabaseError */
  missing(): Promise<readonly string[]>
  /** Brings its tables up to date. @returns the steps that were run. @throws DatabaseError */
  migrate(): Promise<readonly string[]>
  /** Names the transactions that hold what they have changed in its tables. Reads only. @throws DatabaseError */
  writers(): Promise<readonly string[]>
  /** Makes the database that the address names. @returns whether it was not there. @throws DatabaseError */
  create(): Promise<boolean>
}

/** What a repair may ask. */
export interface FixStores {
  readonly artifacts: ArtifactStore
  /** Throws where the registry could not be opened. */
  readonly metadata: MetadataStore
  /** Does `work` with the database, which is opened for it where the registry could not be. */
  readonly onDatabase: <T>(work: (metadata: MetadataStore) => Promise<T>) => Promise<T>
  readonly setup: DatabaseSetup
}

export interface FixTools extends FixStores {
  /** Fires at the time limit, and when the caller has no more use for the repair. Looked at before every change. */
  readonly signal: AbortSignal
  /** Whether the call is made again when the repair has ended, which shows more than any probe. */
  readonly isMadeAgain: boolean
  /** Waits; throws when the signal fires. */
  readonly pause: (ms: number) => Promise<void>
  /** Says in a whole sentence what was done. */
  readonly did: (sentence: string) => void
  /** Says in a whole sentence what was found. What is said twice in a row is kept once. */
  readonly saw: (sentence: string) => void
  /** A name that nobody else uses. */
  readonly newId: () => string
}

/**
 * One repair. It is idempotent: whatever it has done when it is cut off, running it again comes to the same as running
 * it once, and the second time changes nothing more.
 */
export interface Fix extends CauseFix {
  /** Why it is safe, or what the consent is asked for: a whole sentence. */
  readonly reason: string
  /** Everything that it may change. */
  readonly effects: readonly FixEffect[]
  /** What `run` would do. Reads only. */
  plan(error: ModelRegistryError, stores: FixStores): Promise<readonly FixStep[]> | readonly FixStep[]
  /** @returns true only when it has seen that the call can succeed. */
  run(error: ModelRegistryError, tools: FixTools): Promise<boolean>
}

/** What can be done about some causes of a code. `all` stands for those that no earlier rule of the code names. */
export type FixRule = {
  readonly code: ErrorCode
  readonly causes: readonly Cause[] | 'all'
  /** Narrows the rule to some of the failures. */
  readonly when?: (context: ErrorContext) => boolean
} & (
  | { readonly fix: Fix }
  /** Why there is no repair: a whole sentence. */
  | { readonly none: string }
  /** The failure is that of the error underneath, in `error.cause`, and so is its repair. */
  | { readonly underneath: true }
)

/** A wait between two looks: short at first, so that what ends soon is seen soon. */
export function nextPauseMs(pauseMs: number): number {
  return Math.min(pauseMs * 2, 2_000)
}

export const FIRST_PAUSE_MS = 50

/** Milliseconds as a reader takes them in. */
export function seconds(ms: number): string {
  return `${Math.max(1, Math.ceil(ms / 1000))} s`
}
