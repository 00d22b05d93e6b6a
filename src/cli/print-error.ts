import type { Step } from '../errors/cause.js'
import { isModelRegistryError, type ModelRegistryError } from '../errors/model-registry-error.js'
import { redact } from '../errors/redact.js'
import { chooseFix } from '../recovery/fix-rules.js'
import type { Paint } from './paint.js'
import { shown, wrapped } from './text.js'

export interface PrintOptions {
  readonly debug: boolean
  readonly width: number
  /** A command of modelry on the same stores; as it stands by default. */
  readonly onSameStores?: ((command: string) => string) | undefined
  /** The command that repairs; undefined where it is to be run elsewhere. */
  readonly fix: string | undefined
}

/** Every error that a command can end with, for a person: what, why, what became of the data, what to do. */
export function errorText(error: unknown, paint: Paint, options: PrintOptions): string {
  const { debug, width } = options
  const lines = isModelRegistryError(error)
    ? registryError(error, paint, options)
    : unknownError(error, width)
  if (debug) lines.push('', ...stacks(error).map(paint.quiet))
  return `${lines.join('\n')}\n`
}

/** The same for a program: the wire form of the error. */
export function errorJson(error: unknown, { debug }: { readonly debug: boolean }): unknown {
  const stack = debug ? { stack: stacks(error) } : {}
  if (isModelRegistryError(error)) return { ...error.toJSON(), ...stack }
  const { name, message } = toError(error)
  return { name, message: redact(message), ...stack }
}

function registryError(error: ModelRegistryError, paint: Paint, options: PrintOptions): string[] {
  const { width, fix, onSameStores = (command) => command } = options
  const { code, message, reason, category, severity, outcome, leftovers, retry, steps, runbook, causedBy } =
    factsOf(error)
  const fact = (name: string, value: string) => wrapped(value, width, name.padEnd(10), ' '.repeat(10))
  const lines = [
    `${paint.bad(code)}  ${paint.quiet(`${category}, ${severity}`)}`,
    '',
    wrapped(shown(message), width),
    '',
    fact('Cause', `${reason.id}: ${reason.title}`),
    fact('Outcome', outcomes[outcome]),
    fact('Retry', retries[retry.advice](retry.inMs)),
    ...causedBy.map(({ name, message, code }) =>
      fact('Caught', `${name}${code ? ` (${code})` : ''}: ${shown(message)}`),
    ),
  ]
  if (leftovers.length > 0)
    lines.push('', paint.strong('Left behind'), ...leftovers.map(({ kind, at }) => `  ${kind} ${shown(at)}`))
  const runnable = steps.map((step) =>
    step.run === undefined ? step : { ...step, run: onSameStores(step.run) },
  )
  lines.push('', paint.strong('What to do'), ...stepLines(runnable, paint, width), '')
  // Errors of other processes are repaired where they happened, and modelry fix says so.
  if (fix !== undefined && chooseFix(error).is === 'fix')
    lines.push(`Repair    ${paint.command(fix)} shows the plan, and asks first`)
  lines.push(`Runbook   ${runbook}`, `More      ${paint.command(`modelry explain ${code}/${reason.id}`)}`)
  return lines
}

/** What to do, numbered, each with its command. */
export function stepLines(steps: readonly Step[], paint: Paint, width: number): string[] {
  return steps.flatMap(({ text, run }, index) => {
    const line = wrapped(shown(text), width, `  ${index + 1}. `, '     ')
    return run === undefined ? line : [line, `     $ ${paint.command(shown(run))}`]
  })
}

/** Anything outside the catalog is a mistake in modelry itself, and says so instead of showing a stack. */
function unknownError(error: unknown, width: number): string[] {
  const { name, message } = toError(error)
  return [
    wrapped(`modelry met an error that is not in its catalog: ${name}: ${shown(redact(message))}`, width),
    wrapped('Make the call again with --debug and report what it prints.', width),
  ]
}

const outcomes = {
  'not-applied': 'not applied: what was asked for did not happen',
  applied: 'applied: what was asked for happened',
  unknown: 'not known: read the state back before doing it again',
} as const

const retries = {
  safe: (inMs: number | undefined) =>
    inMs === undefined ? 'safe, at once' : `safe, in ${Math.ceil(inMs / 1000)} s`,
  'after-fix': () => 'after the cause is mended',
  never: () => 'never: the same call fails again, so change what it asks for',
} as const

function factsOf(error: ModelRegistryError) {
  const { code, message, reason, category, severity, outcome, leftovers, retry, steps, runbook } = error
  const { causedBy } = error.toJSON()
  return { code, message, reason, category, severity, outcome, leftovers, retry, steps, runbook, causedBy }
}

/** The stack of the error and of everything under it. */
function stacks(error: unknown): string[] {
  const found: string[] = []
  for (let link = error; link instanceof Error && found.length < 8; link = link.cause)
    found.push(redact(link.stack ?? `${link.name}: ${link.message}`))
  return found.length > 0 ? found : [redact(String(error))]
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
