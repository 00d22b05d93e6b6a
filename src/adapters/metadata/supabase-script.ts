import { hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { Session } from './engine.js'
import type { Prepared, SqlValue } from './prepared.js'
import type { Answer, Statement } from './supabase-calls.js'

/** A statement of a unit of work, and what it answered when it was last run or is taken to answer. */
export interface Step {
  readonly sql: string
  readonly values: readonly SqlValue[]
  readonly wants: 'rows' | 'count'
  /** Absent until the database has answered or a guess was made. */
  answer?: (Answer & { readonly is: 'seen' | 'guessed' }) | undefined
  /** The id of the row that it inserts, the same each time that it is tried. */
  id?: number
}

/** The time is a setting of the database's own session, so no query asks for this one. */
const NO_CLOCK = 0

/** The database answered a statement otherwise than it was taken to: the work has to be done again. */
export class Diverged extends Error {
  readonly wrong: 'guess' | 'seen'
  constructor(wrong: 'guess' | 'seen') {
    super(`a statement was not answered as ${wrong === 'guess' ? 'was guessed' : 'it was before'}`)
    this.wrong = wrong
  }
}

/** How many rows each statement changed the last time. */
export type Guesses = Map<string, number>

/** Asks the database for what is missing in the answers. */
export type Ask = (steps: readonly Step[]) => Promise<void>

/**
 * The statements of one run of a unit of work. Those that another run has begun with are answered as they were then. What
 * a statement reads is asked for, and how many rows it changes is guessed, since that is nearly always the same.
 */
export class Script implements Session {
  readonly steps: Step[]
  readonly #ask: Ask
  readonly #guesses: Guesses | undefined
  #next = 0
  #asking: Promise<void> | undefined
  #askedFor = 0
  #failed: { readonly error: unknown } | undefined

  /**
   * @param known - what a run before had found.
   * @param guesses - absent where nobody would find a wrong one: in what only reads.
   */
  constructor(known: readonly Step[], ask: Ask, guesses?: Guesses) {
    this.steps = [...known]
    this.#ask = ask
    this.#guesses = guesses
  }

  async all<P extends object, R>(query: Prepared<P, R>, values: P): Promise<R[]> {
    const step = this.#take(query.sql, query.bind(values, NO_CLOCK), 'rows')
    if (this.#guesses !== undefined) step.answer ??= rowThatIsLocked(step)
    while (step.answer === undefined) await this.#answers()
    // The columns are those that the query selects, whose types kysely or its author gave as R.
    return ('rows' in step.answer ? step.answer.rows : []) as R[]
  }

  async first<P extends object, R>(query: Prepared<P, R>, values: P): Promise<R | undefined> {
    return (await this.all(query, values))[0]
  }

  async run<P extends object, R>(query: Prepared<P, R>, values: P): Promise<number> {
    const step = this.#take(query.sql, query.bind(values, NO_CLOCK), 'count')
    if (this.#guesses === undefined)
      throw new TypeError(`what only reads was to change something: ${step.sql}`)
    const count = this.#guesses.get(step.sql) ?? 1
    step.answer ??= { is: 'guessed', hash: String(count), count }
    return 'count' in step.answer ? step.answer.count : 0
  }

  /** Ends the run: what another had found beyond its end counts no more. */
  end(): void {
    this.steps.length = this.#next
  }

  get hasGuesses(): boolean {
    return this.steps.some(({ answer }) => answer?.is === 'guessed')
  }

  /** Whether all was answered at one moment, and none of it changes anything. */
  get onlyRead(): boolean {
    return (
      this.#askedFor === this.steps.length &&
      this.steps.every(({ sql, answer }) =>
        answer !== undefined && 'count' in answer ? answer.count === 0 : /^\s*select\b/i.test(sql),
      )
    )
  }

  /** Fails once what was found is known to be wrong, so that work that goes on all the same adds nothing. */
  fail(error: unknown): void {
    this.#failed ??= { error }
  }

  async check(): Promise<void> {
    try {
      await this.#ask(this.steps)
      this.#askedFor = this.steps.length
    } catch (error) {
      this.fail(error)
      throw error
    }
  }

  #take(sql: string, bound: readonly SqlValue[], wants: Step['wants']): Step {
    if (this.#failed !== undefined) throw this.#failed.error
    // Text cannot have a NUL in it: https://www.postgresql.org/docs/current/datatype-character.html
    const values = bound.map((value) =>
      typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value,
    )
    const known = this.steps[this.#next]
    const same = known?.sql === sql && JSON.stringify(known.values) === JSON.stringify(values)
    const step: Step = same ? known : { sql, values, wants }
    if (!same) {
      this.steps.length = this.#next
      this.steps.push(step)
    }
    this.#next += 1
    return step
  }

  /** Asks for all that is wanted in this turn of the event loop at once. */
  #answers(): Promise<void> {
    this.#asking ??= setImmediate()
      .then(() => {
        if (this.#failed !== undefined) throw this.#failed.error
        return this.check()
      })
      .finally(() => {
        this.#asking = undefined
      })
    return this.#asking
  }
}

/** A query for a row's key alone locks it, and nearly always it is there. */
const LOCKING = /^select "(\w+)" from "\w+" where "(\w+)" = \$1 for (no key )?update$/

/** The answer of a query that only locks a row; undefined for any other. */
function rowThatIsLocked({ sql, values }: Step): Step['answer'] {
  const [, column = '', key] = LOCKING.exec(sql) ?? []
  const [value] = values
  if (column !== key || value === undefined || value === null) return undefined
  const rows = [{ [column]: value }]
  // The database hashes the text that it makes of its rows, which is this one.
  return { is: 'guessed', hash: hash('md5', JSON.stringify(rows)), rows }
}

/**
 * Whether a statement is left out where a unit of work is tried: no unit reads the history entry that it writes itself,
 * and trying it would use up a number.
 */
export function isLeftForTheEnd({ sql }: Step): boolean {
  return sql.startsWith('insert into "history" ("at",')
}

/** How a statement is sent, with the answer that it is expected to have. */
export function toStatement({ sql, values, wants, answer, id }: Step): Statement {
  return {
    sql,
    values,
    wants,
    ...(answer === undefined ? {} : { expected: answer.hash }),
    ...(id === undefined ? {} : { id }),
  }
}

/**
 * Takes the answers of the database over.
 *
 * @throws Diverged when one is not as expected; that one is the last, and right from then on.
 */
export function takeAnswers(
  steps: readonly Step[],
  answers: readonly (Answer | null)[],
  guesses?: Guesses,
): void {
  for (const [i, answer] of answers.entries()) {
    const step = steps[i]
    if (step === undefined) throw new TypeError('there are more answers than statements')
    const before = step.answer
    if (answer === null) {
      if (before !== undefined) step.answer = { ...before, is: 'seen' }
      continue
    }
    step.answer = { ...answer, is: 'seen' }
    if ('count' in answer) guesses?.set(step.sql, answer.count)
    else keepId(step, answer.rows)
    if (before !== undefined) throw new Diverged(before.is === 'guessed' ? 'guess' : 'seen')
  }
}

function keepId(step: Step, rows: readonly Readonly<Record<string, unknown>>[]): void {
  const id = /^\s*insert\b/i.test(step.sql) ? rows[0]?.id : undefined
  if (typeof id === 'number') step.id ??= id
}
