/** Whether a repair may run: by itself, after somebody said yes, or not at all. */
export type Applicability = 'safe' | 'needs-consent' | 'none'

/**
 * What a repair may change.
 *
 * - `probe-row`: one row that is written and removed again, to see that the database takes changes.
 * - `reservation`: the reservation of a version whose lease has ended is removed.
 * - `deployment-lock`: the lock of a deployment whose lease has run out is removed.
 * - `probe-object`: one object that is written, read and removed again, to see that the store works.
 * - `connection`: how this process reaches the store, until it ends.
 * - `unfinished-upload`: parts in the store that no save has any more are freed.
 * - `bucket`: the bucket of the store is made.
 * - `delete-marker`: the marker that hides an object of the registry is removed.
 * - `database`: the database that the address names is made where there is none.
 * - `schema`: the tables of the database are brought up to date.
 * - `database-log`: what the log of the database holds moves into the database; what is recorded stays the same.
 */
export type FixEffect =
  | 'probe-row'
  | 'deployment-lock'
  | 'database'
  | 'schema'
  | 'database-log'
  | 'probe-object'
  | 'connection'
  | 'unfinished-upload'
  | 'bucket'
  | 'delete-marker'

/** One thing that a repair would do. All texts are whole sentences. */
export interface FixStep {
  readonly text: string
  /** What would be different afterwards; "Nothing." for a look or a wait. */
  readonly changes: string
  /** What has to be so, or has to happen, for the step to succeed; "Nothing." where nothing has. */
  readonly needs: string
  readonly undo: 'nothing-to-undo' | 'can-be-undone' | 'cannot-be-undone'
}

/** What `attemptAutoFix()` would do. Making the plan changes nothing. */
export interface FixPlan {
  /** Names the repair; what `allow` takes. Absent when there is none. */
  readonly fix?: string
  readonly applicability: Applicability
  /** Why it is safe, what the consent is asked for, or why there is no repair: a whole sentence. */
  readonly reason: string
  readonly steps: readonly FixStep[]
  /** Everything that it may change. */
  readonly effects: readonly FixEffect[]
  /** Every repair is: done twice it comes to the same as done once, and one that was cut off can be run again. */
  readonly idempotent: true
}

/** What the last `attemptAutoFix()` did and saw. */
export interface FixReport {
  readonly fix?: string
  /**
   * - `fixed`: it was seen that the same call can succeed.
   * - `not-fixed`: the repair ran to its end, and the call would fail again.
   * - `no-fix`, `needs-consent`: nothing was run; `seen` has the reason.
   * - `timed-out`, `aborted`: the repair was ended before it had seen what it waited for.
   * - `failed`: the repair itself met an error.
   */
  readonly ended: 'fixed' | 'not-fixed' | 'no-fix' | 'needs-consent' | 'timed-out' | 'aborted' | 'failed'
  /** What was done, in order, in whole sentences. */
  readonly done: readonly string[]
  /** What was found, in order, in whole sentences. */
  readonly seen: readonly string[]
  readonly durationMs: number
}

export interface AutoFixOptions {
  /** Ends the repair; `attemptAutoFix` then answers false. */
  readonly signal?: AbortSignal | undefined
  /** How long it may take in all, in milliseconds: 90,000 by default, which outlasts every lease of the defaults. */
  readonly timeoutMs?: number | undefined
  /** Repairs that need consent and have it, by their names, such as `create-bucket`. */
  readonly allow?: readonly string[] | undefined
  /** Called with each sentence of `done` and `seen` as it comes, since a repair may wait for long. */
  readonly onReport?: ((sentence: string) => void) | undefined
}

/** The repair of one error, which the registry that throws the error has tied to its own stores. Neither method throws. */
export interface AutoFixer {
  plan(): Promise<FixPlan>
  run(options: AutoFixOptions): Promise<FixReport>
}

/** The call that failed, as far as a repair has to know it. */
export interface FailedCall {
  /** The method of the registry, such as `saveModel`. */
  readonly operation: string
  /** Makes the same call again; absent where the call changes something. */
  readonly again?: (signal: AbortSignal) => Promise<unknown>
}

const fixers = new WeakMap<object, AutoFixer>()

/** Ties a fixer to an error; whoever throws the error does this. */
export function equip(error: object, fixer: AutoFixer): void {
  fixers.set(error, fixer)
}

export function fixerOf(error: object): AutoFixer | undefined {
  return fixers.get(error)
}

const NO_FIXER =
  'The error was not thrown by a registry that is open in this process: it came over HTTP, or the program made it.'

/** For errors that no registry of this process threw. */
export const withoutFixer: AutoFixer = {
  plan: async () => ({ applicability: 'none', reason: NO_FIXER, steps: [], effects: [], idempotent: true }),
  run: async () => ({ ended: 'no-fix', done: [], seen: [NO_FIXER], durationMs: 0 }),
}
