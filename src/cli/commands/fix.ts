import type { AnyModelRegistryError } from '../../errors/any-error.js'
import type { FixPlan, FixReport, FixStep } from '../../errors/auto-fix.js'
import { DatabaseError } from '../../errors/database-error/error.js'
import { createError } from '../../errors/revive.js'
import type { Answer, CliCommand } from '../command.js'
import { confirmed } from '../confirmed.js'
import { placesOf, readLastFailure } from '../last-failure.js'
import type { Options } from '../options.js'
import { type Paint, paintFor } from '../paint.js'
import { stepLines } from '../print-error.js'
import type { Session } from '../session.js'
import { widthOf, write } from '../terminal.js'
import { shown, time, wrapped } from '../text.js'
import { UsageError } from '../usage-error.js'
import { causeOf, entryOf, unknownName } from './explain.js'

export const fix: CliCommand = {
  examples: [
    {
      what: 'Wait for the deployment that another one was refused for',
      run: 'modelry fix CONCURRENT_DEPLOYMENT/deployment-in-progress --id btc-lstm --version 1.0.0 --env production --yes',
    },
  ],
  configure(command) {
    command
      .argument('[failure]', 'CODE/cause; the failure of the last command that failed when absent')
      .option('--id <model>', 'the model that a named failure was about')
      .option('--version <version>', 'its version')
      .option('--env <environment>', 'the environment')
      .option('--s3-path <address>', 'the address of a file')
      .option('-y, --yes', 'run the plan without asking; needed where nobody can answer')
  },
  async run(session, [name], options) {
    const failure = name === undefined ? await lastFailure(session) : named(name, options)
    if (failure === undefined) {
      const message =
        'No failed command is on record here. Name what failed: modelry fix CODE/cause; modelry explain lists the codes.'
      return {
        json: { fixed: false, message },
        text: (_paint, { width }) => wrapped(message, width ?? 80),
        exitCode: 1,
      }
    }
    const elsewhere = await otherPlaces(session, failure)
    if (elsewhere !== undefined) return elsewhere
    const failing = await equipped(session, failure)
    const { error } = failing
    const plan = await error.planAutoFix()
    if (plan.steps.length === 0) return answer(failing, plan)
    const asks = !options.is('yes')
    if (asks && !session.terminal.stdin.isTTY)
      return answer(failing, plan, 'Nothing was done. Add --yes to run the plan.')
    const watched = isWatched(session)
    if (asks || watched) {
      const { stderr, env } = session.terminal
      const paint = paintFor(stderr, env, session.options)
      await write(stderr, `${planText(failing, plan, paint, widthOf(stderr) ?? 80)}\n\n`)
    }
    if (asks && !(await confirmed(session, 'Run this plan?')))
      return answer(failing, plan, 'Nothing was done.')
    const tell = await begun(session, plan)
    await error.attemptAutoFix({
      allow: plan.fix === undefined ? [] : [plan.fix],
      signal: session.signal,
      timeoutMs: LIMIT_MS,
      onReport: tell,
    })
    session.signal.throwIfAborted()
    return watched ? result(failing, answer(failing, plan)) : answer(failing, plan)
  },
}

/** Whether one person sees both outputs, to whom everything would be said twice. */
function isWatched({ terminal: { stdout, stderr }, options }: Session): boolean {
  return stdout.isTTY === true && stderr.isTTY === true && !options.json
}

/** The answer without what was told as it came. */
function result({ error }: Failure, whole: Answer): Answer {
  const { lastFix } = error
  if (lastFix === undefined) return whole
  return {
    ...whole,
    text: (paint, { width = 80 }) =>
      [resultText(lastFix, paint), ...(lastFix.ended === 'fixed' ? [] : [byHand(error, paint, width)])].join(
        '\n\n',
      ),
  }
}

/** What is repaired: the failure, or what keeps its database from being opened. @throws what is neither */
async function equipped(session: Session, failure: Failure): Promise<Failure> {
  try {
    // Only the plan may change the tables, once it was agreed to.
    const engine = await session.engine('fix', { migrations: 'check' })
    engine.equip(failure.error)
    return failure
  } catch (error) {
    if (failure.error.code !== 'DATABASE_ERROR' || !(error instanceof DatabaseError)) throw error
    // It has its repair from where it was thrown.
    return { ...failure, error }
  }
}

/** As long as repairs take by default; it outlasts every lease of the defaults. */
const LIMIT_MS = 90_000

/** A repair may wait for long: what it does is told as it comes, beside the answer. */
async function begun(session: Session, { fix }: FixPlan): Promise<((sentence: string) => void) | undefined> {
  if (session.options.json) return undefined
  const { stderr } = session.terminal
  const width = widthOf(stderr) ?? 80
  const limit = `It ends after ${LIMIT_MS / 1000} s at the latest, and with Ctrl-C.`
  await write(stderr, `${wrapped(`Running ${fix}. ${limit}`, width)}\n`)
  return (sentence) => void stderr.write(`${wrapped(shown(sentence), width, '  - ', '    ')}\n`)
}

interface Failure {
  /** Where it is known from, for a person. */
  readonly of: string
  readonly error: AnyModelRegistryError
  /** The stores that it happened on, where that is known. */
  readonly places?: { readonly store?: string | undefined; readonly db?: string | undefined }
}

async function lastFailure(session: Session): Promise<Failure | undefined> {
  const kept = await readLastFailure((await session.config()).config.home)
  if (kept === undefined) return undefined
  const { command, at, error, store, db } = kept
  return { of: `modelry ${command}, ${time(at)}`, error, places: { store, db } }
}

/** A repair of other stores would say of these that they work, and nothing of those that failed. */
async function otherPlaces(session: Session, { of, places }: Failure): Promise<Answer | undefined> {
  const here = placesOf((await session.config()).config)
  const others = (['store', 'db'] as const).flatMap((name) => {
    const failed = places?.[name]
    return failed === undefined || failed === here[name] ? [] : [{ name, failed, here: here[name] }]
  })
  if (others.length === 0) return undefined
  const where = others.map(
    ({ name, failed, here }) => `the ${name === 'db' ? 'database' : name} ${failed}, and not on ${here}`,
  )
  const flags = others.map(({ name }) => `--${name}`).join(' and ')
  const message = `The failure on record (${of}) happened on ${where.join(', and on ')}. Nothing was done. Give modelry fix the ${flags} of that command, or MODELRY_${others.map(({ name }) => name.toUpperCase()).join(' and MODELRY_')}.`
  return {
    exitCode: 1,
    json: { fixed: false, message, failedOn: places },
    text: (_paint, { width }) => wrapped(message, width ?? 80),
  }
}

/** @throws UsageError */
function named(name: string, options: Options): Failure {
  const [code = '', causeId] = name.split('/', 2)
  const entry = entryOf(code)
  if (entry === undefined) throw unknownName(code)
  if (causeId === undefined)
    throw new UsageError(
      `Name the cause too: modelry fix ${entry.code}/<cause>. modelry explain ${entry.code} lists its causes.`,
    )
  const facts = {
    modelId: options.text('id'),
    version: options.text('version'),
    environment: options.text('env'),
    s3Path: options.text('s3Path'),
  }
  const given = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
  return {
    of: 'named on the command line',
    error: createError(entry.code, given, { reason: causeOf(entry, causeId) }),
  }
}

/** What was planned, and what came of it where it was run. */
function answer(failure: Failure, plan: FixPlan, instead?: string): Answer {
  const { error } = failure
  const { code, reason, message, steps, lastFix } = error
  const fixed = lastFix?.ended === 'fixed'
  return {
    exitCode: fixed ? 0 : 1,
    json: {
      code,
      cause: reason.id,
      message,
      plan,
      steps,
      fixed,
      ...(lastFix === undefined ? {} : { lastFix }),
    },
    text: (paint, { width = 80 }) =>
      [
        planText(failure, plan, paint, width),
        ...(lastFix === undefined ? [] : [reportText(lastFix, paint, width)]),
        ...(instead === undefined ? [] : [instead]),
        ...(fixed || instead !== undefined ? [] : [byHand(error, paint, width)]),
      ].join('\n\n'),
  }
}

function planText({ of, error }: Failure, plan: FixPlan, paint: Paint, width: number): string {
  const { code, reason, message } = error
  const head = `${paint.bad(`${code}/${reason.id}`)}  ${paint.quiet(shown(of))}\n${wrapped(shown(message), width)}`
  if (plan.fix === undefined) return `${head}\n\n${wrapped(`There is no repair. ${plan.reason}`, width)}`
  if (plan.steps.length === 0)
    return `${head}\n\n${wrapped(`The repair ${plan.fix} has to know what the failure was about: give --id, --version, --env or --s3-path.`, width)}`
  const steps = plan.steps.map((step, index) => stepText(step, index + 1, width))
  return [head, `${paint.strong(`Plan: ${plan.fix}`)}\n${wrapped(plan.reason, width)}`, ...steps].join('\n\n')
}

function stepText({ text, changes, needs, undo }: FixStep, number: number, width: number): string {
  const fact = (name: string, value: string) =>
    wrapped(shown(value), width, `     ${name.padEnd(9)}`, ' '.repeat(14))
  return [
    wrapped(shown(text), width, `  ${number}. `, '     '),
    fact('Changes', changes),
    fact('Needs', needs),
    fact('Undo', undos[undo]),
  ].join('\n')
}

function reportText({ ended, done, seen }: FixReport, paint: Paint, width: number): string {
  const lines = [...done, ...seen].map((sentence) => wrapped(shown(sentence), width, '  - ', '    '))
  return [...lines, resultText({ ended }, paint)].join('\n')
}

function resultText({ ended }: Pick<FixReport, 'ended'>, paint: Paint): string {
  return ended === 'fixed'
    ? `${paint.good('Fixed')}: the same command can succeed. It was not run again.`
    : `${paint.bad('Not fixed')}: ${endings[ended]}`
}

function byHand({ steps }: AnyModelRegistryError, paint: Paint, width: number): string {
  return [paint.strong('By hand'), ...stepLines(steps, paint, width)].join('\n')
}

const undos: Readonly<Record<FixStep['undo'], string>> = {
  'nothing-to-undo': 'There is nothing to undo.',
  'can-be-undone': 'It can be undone.',
  'cannot-be-undone': 'It cannot be undone.',
}

const endings: Readonly<Record<Exclude<FixReport['ended'], 'fixed'>, string>> = {
  'not-fixed': 'the same command would fail again.',
  'no-fix': 'there is no repair.',
  'needs-consent': 'the repair was not allowed.',
  'timed-out': 'the repair took too long and was ended. It can be run again.',
  aborted: 'the repair was ended. It can be run again.',
  failed: 'the repair met an error. It can be run again.',
}
