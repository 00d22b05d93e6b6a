import type { AnyModelRegistryError } from './any-error.js'
import { type AutoFixOptions, type FixPlan, type FixReport, fixerOf, withoutFixer } from './auto-fix.js'
import type { Cause, ErrorContext, RetryAdvice, Step } from './cause.js'
import { forStore } from './causes/place.js'
import { unknownCause } from './causes/unknown.js'
import {
  type ErrorCategory,
  type ErrorCode,
  type ErrorEntry,
  type ErrorSeverity,
  errorCodes,
  type Outcome,
} from './entry.js'
import { redact, redactValue } from './redact.js'

/** Shared by every copy of the module in one process, so that `instanceof` holds across them. */
const BRAND = Symbol.for('modelry.ModelRegistryError')

/** Something the failed operation could not take back: an object, a row, a lock. A scan finds it again. */
export interface Leftover {
  readonly kind: 'object' | 'upload' | 'reservation' | 'lock' | 'local-file'
  /** The address of the object, the path of the file, the name of the lock or of the upload. */
  readonly at: string
}

export interface ModelRegistryErrorOptions {
  /** What was caught, kept as `error.cause`. */
  readonly cause?: unknown
  /** Why it failed; one of the entry's causes. */
  readonly reason?: Cause
  readonly outcome?: Outcome
  readonly leftovers?: readonly Leftover[]
  /** An id that finds the failure in the server's log. */
  readonly requestId?: string
  /** The message as another process wrote it, when an error is rebuilt from its wire form. */
  readonly message?: string
}

/** One link of the chain under an error, reduced to what is safe to show. */
export interface CausedBy {
  readonly name: string
  readonly message: string
  readonly code?: string
}

/**
 * The wire form of an error; also `context` for a monitoring tool. Plain JSON, without secrets. A type and no interface,
 * so that it can be passed where any record of facts is taken.
 */
export type ModelRegistryErrorJson = {
  readonly name: string
  readonly code: ErrorCode
  readonly category: ErrorCategory
  readonly severity: ErrorSeverity
  readonly message: string
  /** The id of the cause, such as `disk-full`. */
  readonly cause: string
  readonly outcome: Outcome
  readonly leftovers: readonly Leftover[]
  readonly retry: { readonly advice: RetryAdvice; readonly inMs?: number }
  readonly steps: readonly Step[]
  readonly runbook: string
  readonly context: ErrorContext
  readonly requestId?: string
  readonly causedBy: readonly CausedBy[]
  /** What the last attempt at a repair did and saw, once there was one. */
  readonly lastFix?: FixReport
}

/**
 * What every failure of the registry is: a code that says what failed, a cause that says why, an outcome that says
 * what became of the data.
 *
 * `instanceof` also holds for an error of another copy of the module, and for what `structuredClone` or `postMessage`
 * leaves of one: they keep the first line of the stack only, which is why that line carries the code.
 */
export abstract class ModelRegistryError<C extends ErrorContext = ErrorContext> extends Error {
  /** What the catalog says of the class's code; absent on the base. */
  static readonly entry?: ErrorEntry

  readonly code: ErrorCode
  readonly category: ErrorCategory
  readonly severity: ErrorSeverity
  readonly context: C
  /** Why it failed. `error.cause` is what was caught. */
  readonly reason: Cause
  readonly outcome: Outcome
  readonly leftovers: readonly Leftover[]
  readonly requestId: string | undefined
  readonly #entry: ErrorEntry
  #lastFix: FixReport | undefined

  constructor(entry: ErrorEntry, context: C, options: ModelRegistryErrorOptions = {}) {
    const facts = redactValue(context) as C
    const reason = options.reason ?? unknownCause
    const outcome = options.outcome ?? 'not-applied'
    super(
      redact(options.message ?? compose(entry, reason, facts, outcome)),
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    Object.defineProperty(this, 'name', { value: entry.className, configurable: true, writable: true })
    Object.defineProperty(this, BRAND, { value: true })
    this.code = entry.code
    this.category = entry.category
    this.severity = entry.severity
    this.context = facts
    this.reason = reason
    this.outcome = outcome
    this.leftovers = (options.leftovers ?? []).map(({ kind, at }) => ({ kind, at: redact(at) }))
    this.requestId = options.requestId === undefined ? undefined : redact(options.requestId)
    this.#entry = entry
    if (typeof this.stack === 'string') {
      const frames = this.stack.slice(this.stack.indexOf(this.message) + this.message.length)
      this.stack = `${entry.className} [${entry.code}]: ${this.message}${frames}`
    }
  }

  /** The HTTP status that a server answers with. */
  get status(): number {
    return this.reason.status ?? this.#entry.status
  }

  /** Whether and when the same call may be made again. */
  get retry(): { readonly advice: RetryAdvice; readonly inMs?: number } {
    const inMs = this.context.retryInMs ?? this.reason.retryInMs
    return inMs === undefined ? { advice: this.reason.retry } : { advice: this.reason.retry, inMs }
  }

  /** What to do, in order, with the values of this failure in the text and the commands. */
  get steps(): readonly Step[] {
    const steps = this.reason.steps(this.context)
    const { troubleshooting } = this.#entry
    return forStore(this.reason.id === unknownCause.id ? [...steps, ...troubleshooting] : steps, this.context)
  }

  /** The page under `docs/runbooks/` for this code. */
  get runbook(): string {
    return `docs/runbooks/${this.#entry.runbook}.md`
  }

  /** Everything a person needs at night, as plain text: what, why, what became of the data, what to do. */
  getTroubleshootingGuide(): string {
    const lines = [
      `${this.code}: ${this.#entry.title}`,
      `Category ${this.category}, severity ${this.severity}, cause ${this.reason.id}`,
      '',
      this.message,
    ]
    if (this.leftovers.length > 0) {
      lines.push('', 'Left behind:', ...this.leftovers.map(({ kind, at }) => `  - ${kind} ${at}`))
    }
    lines.push('', 'What to do:')
    this.steps.forEach(({ text, run }, index) => {
      lines.push(`  ${index + 1}. ${text}`)
      if (run !== undefined) lines.push(`     $ ${run}`)
    })
    if (this.#lastFix !== undefined) {
      const { fix = 'no repair', ended, done, seen } = this.#lastFix
      lines.push('', `Tried: ${fix}, ${ended}`, ...[...done, ...seen].map((sentence) => `  - ${sentence}`))
    }
    lines.push(
      '',
      `Outcome: ${this.outcome}: ${inWords[this.outcome]}`,
      `Retry: ${retrySentence(this.retry)}`,
    )
    // What never succeeds by being called again waits for somebody, whatever the code's other causes do.
    if (this.#entry.healsByItself !== undefined && this.retry.advice !== 'never')
      lines.push(`By itself: ${this.#entry.healsByItself}`)
    lines.push(`Runbook: ${this.runbook}`)
    return lines.join('\n')
  }

  /**
   * Repairs what made this call fail, as far as that is safe without asking or `allow` gives consent, and looks whether
   * the call can succeed. It never makes a call that changes something again, and never throws.
   *
   * An error that came over HTTP, or that a program made itself, has no repair: the answer is false.
   *
   * @returns true only when it was seen that the same call can succeed. `lastFix` says what was done and seen.
   *
   * @example
   * if (await error.attemptAutoFix({ timeoutMs: 30_000 })) await registry.saveModel(model, metadata)
   */
  async attemptAutoFix(options: AutoFixOptions = {}): Promise<boolean> {
    const report = await (fixerOf(this) ?? withoutFixer).run(options)
    this.#lastFix = report
    return report.ended === 'fixed'
  }

  /** What `attemptAutoFix` would do: its dry run, which changes nothing and never throws. */
  async planAutoFix(): Promise<FixPlan> {
    return (fixerOf(this) ?? withoutFixer).plan()
  }

  /** What the last `attemptAutoFix` did and saw; undefined before the first. */
  get lastFix(): FixReport | undefined {
    return this.#lastFix
  }

  toJSON(): ModelRegistryErrorJson {
    return {
      name: this.name,
      code: this.code,
      category: this.category,
      severity: this.severity,
      message: this.message,
      cause: this.reason.id,
      outcome: this.outcome,
      leftovers: this.leftovers,
      retry: this.retry,
      steps: this.steps,
      runbook: this.runbook,
      context: this.context,
      ...(this.requestId === undefined ? {} : { requestId: this.requestId }),
      causedBy: chainOf(this.cause),
      ...(this.#lastFix === undefined ? {} : { lastFix: this.#lastFix }),
    }
  }
}

Object.defineProperty(ModelRegistryError, Symbol.hasInstance, { value: isInstance })

/** The catalog's classes stand for their code; a user's own subclass inherits the entry and stands for itself. */
function isInstance(this: typeof ModelRegistryError, value: unknown): boolean {
  const code = codeOf(value)
  if (this === ModelRegistryError) return code !== undefined
  if (!Object.hasOwn(this, 'entry') || this.entry === undefined)
    return Function.prototype[Symbol.hasInstance].call(this, value)
  return code === this.entry.code
}

/**
 * Whether `value` is a registry error of this or another copy of the module, or a structured clone of one. A clone has
 * its message alone; `reviveError` makes a whole error of it.
 */
export function isModelRegistryError(value: unknown): value is AnyModelRegistryError {
  return codeOf(value) !== undefined
}

function compose(entry: ErrorEntry, reason: Cause, facts: ErrorContext, outcome: Outcome): string {
  const why = reason.because(facts)
  const stop = /[.?!]$/.test(why) ? '' : '.'
  const tried = Number(facts.attempts) > 1 ? ` It was tried ${facts.attempts} times.` : ''
  return `${entry.happened(facts, outcome)}, because ${why}${stop}${tried} ${entry.outcome(facts, outcome)}`
}

const CLONED = /^\w+ \[([A-Z0-9_]+)\]: /

/** The code of a registry error, of whichever copy of the module, or of what `structuredClone` left of one. */
export function codeOf(value: unknown): ErrorCode | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const code = BRAND in value && 'code' in value ? value.code : clonedCode(value)
  return errorCodes.find((known) => known === code)
}

function clonedCode(value: object): string | undefined {
  if (!isError(value)) return undefined
  return typeof value.stack === 'string' ? CLONED.exec(value.stack)?.[1] : undefined
}

/** Errors of another realm (a worker, a frame, a test's sandbox) are none of this one's `Error`. */
function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]'
}

function chainOf(cause: unknown): CausedBy[] {
  const chain: CausedBy[] = []
  let link = cause
  while (isError(link) && chain.length < 8) {
    const code = 'code' in link && typeof link.code === 'string' ? redact(link.code) : undefined
    chain.push({
      name: redact(String(link.name)),
      message: redact(String(link.message)),
      ...(code === undefined ? {} : { code }),
    })
    link = link.cause
  }
  return chain
}

/** Behind the word for programs, which is the key. */
const inWords: Readonly<Record<Outcome, string>> = {
  'not-applied': 'what was asked for was not done.',
  applied: 'what was asked for was done.',
  unknown: 'read the state back before making the call again.',
}

function retrySentence({ advice, inMs }: { advice: RetryAdvice; inMs?: number }): string {
  switch (advice) {
    case 'safe':
      return inMs === undefined
        ? 'the same call may be made again at once.'
        : `the same call may be made again in ${inMs < 1000 ? `${inMs} ms` : `${Math.ceil(inMs / 1000)} s`}.`
    case 'after-fix':
      return 'the same call can succeed once the cause is mended.'
    case 'never':
      return 'the same call will fail again; change what it asks for.'
  }
}
