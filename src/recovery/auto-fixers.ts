import type { AutoFixer, AutoFixOptions, FailedCall, FixPlan, FixReport } from '../errors/auto-fix.js'
import type { Fix, FixRule, FixStores, FixTools } from '../errors/fix.js'
import { isModelRegistryError, type ModelRegistryError } from '../errors/model-registry-error.js'
import { redact } from '../errors/redact.js'
import { type ChosenFix, chooseFix, fixRules } from './fix-rules.js'

/** Longer than the leases of the defaults, so that waiting for one to run out comes to an end. */
const DEFAULT_TIMEOUT_MS = 90_000
/** The longest that a timer can wait. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

export interface AutoFixersOptions extends FixStores {
  readonly newId: () => string
  /** How repairs wait: rejects when the signal fires. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  readonly rules?: readonly FixRule[]
}

/** Makes the fixers of errors that a registry throws, tied to its own stores. */
export function autoFixers(options: AutoFixersOptions) {
  return (error: ModelRegistryError, call: FailedCall): AutoFixer => {
    const chosen = chooseFix(error, options.rules ?? fixRules)
    return {
      plan: () => plan(chosen, options),
      run: (limits) => run(chosen, call, options, limits),
    }
  }
}

async function plan(chosen: ChosenFix, stores: FixStores): Promise<FixPlan> {
  if (chosen.is === 'none')
    return { applicability: 'none', reason: chosen.reason, steps: [], effects: [], idempotent: true }
  const { fix, error } = chosen
  const { id, applicability, reason, effects } = fix
  return {
    fix: id,
    applicability,
    reason,
    steps: await stepsOf(fix, error, stores),
    effects,
    idempotent: true,
  }
}

/** A plan looks at the stores; where they do not answer, what the repair does in general has to do. */
async function stepsOf(fix: Fix, error: ModelRegistryError, stores: FixStores): Promise<FixPlan['steps']> {
  try {
    const steps = await fix.plan(error, stores)
    return steps.map(({ text, changes, needs, undo }) => ({
      text: redact(text),
      changes: redact(changes),
      needs: redact(needs),
      undo,
    }))
  } catch (failure) {
    const [first = '', ...rest] = fix.does
    const text = `${first.toUpperCase()}${rest.join('')}.`
    const needs = `The stores to answer, which they did not when the plan was made: ${sentenceOf(failure)}`
    return [{ text, changes: 'What effects says.', needs, undo: 'nothing-to-undo' }]
  }
}

async function run(
  chosen: ChosenFix,
  call: FailedCall,
  options: AutoFixersOptions,
  limits: AutoFixOptions,
): Promise<FixReport> {
  const started = performance.now()
  const done: string[] = []
  const seen: string[] = []
  const note = (sentences: string[], sentence: string) => {
    const text = redact(sentence)
    if (sentences.at(-1) === text) return
    sentences.push(text)
    limits.onReport?.(text)
  }
  const report = (ended: FixReport['ended']): FixReport => ({
    ...(chosen.is === 'fix' ? { fix: chosen.fix.id } : {}),
    ended,
    done: [...done],
    seen: [...seen],
    durationMs: Math.round(performance.now() - started),
  })
  if (chosen.is === 'none') {
    seen.push(chosen.reason)
    return report('no-fix')
  }
  const { fix } = chosen
  if (fix.applicability === 'needs-consent' && !limits.allow?.includes(fix.id)) {
    seen.push(`${fix.reason} Allow it by its name: ${fix.id}.`)
    return report('needs-consent')
  }
  const timeoutMs = timeoutOf(limits)
  const limit = timeoutMs === 0 ? AbortSignal.abort() : AbortSignal.timeout(timeoutMs)
  const signal = limits.signal === undefined ? limit : AbortSignal.any([limits.signal, limit])
  const tools: FixTools = {
    get artifacts() {
      return options.artifacts
    },
    get metadata() {
      return options.metadata
    },
    onDatabase: options.onDatabase,
    setup: options.setup,
    newId: options.newId,
    signal,
    isMadeAgain: call.again !== undefined,
    pause: (ms) => options.pause(ms, signal),
    did: (sentence) => note(done, sentence),
    saw: (sentence) => note(seen, sentence),
  }
  try {
    const fixed = await untilAborted(signal, () => repair(chosen, call, tools))
    return report(fixed ? 'fixed' : 'not-fixed')
  } catch (failure) {
    if (limits.signal?.aborted) return report('aborted')
    if (limit.aborted) return report('timed-out')
    seen.push(`The repair met an error: ${sentenceOf(failure)}`)
    return report('failed')
  }
}

async function repair(
  { fix, error }: ChosenFix & { is: 'fix' },
  { again, operation }: FailedCall,
  tools: FixTools,
): Promise<boolean> {
  if (!(await fix.run(error, tools))) return false
  if (again === undefined) return true
  try {
    await again(tools.signal)
    tools.saw(`${operation} was called again, and succeeds.`)
    return true
  } catch (failure) {
    tools.signal.throwIfAborted()
    tools.saw(`${operation} was called again, and fails: ${sentenceOf(failure)}`)
    return false
  }
}

/** A store that does not look at the signal is left to itself; a repair looks at it before it changes anything. */
async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  const ended = Promise.withResolvers<never>()
  const onAbort = () => ended.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work(), ended.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function timeoutOf({ timeoutMs = DEFAULT_TIMEOUT_MS }: AutoFixOptions): number {
  return Number.isNaN(timeoutMs)
    ? DEFAULT_TIMEOUT_MS
    : Math.min(Math.max(0, Math.round(timeoutMs)), LONGEST_TIMEOUT_MS)
}

function sentenceOf(failure: unknown): string {
  if (isModelRegistryError(failure)) return failure.message
  return redact(failure instanceof Error ? `${failure.name}: ${failure.message}.` : `${String(failure)}.`)
}
