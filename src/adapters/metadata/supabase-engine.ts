import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { serializationFailure } from '../../errors/causes/postgres-transactions.js'
import { schemaNewer } from '../../errors/causes/sqlite.js'
import { DatabaseError } from '../../errors/database-error/error.js'
import { type Queries, type Session, type SqlEngine, StateChanged } from './engine.js'
import type { Calls, ChangeRequest, Response } from './supabase-calls.js'
import {
  closedError,
  isFromDatabase,
  isPassing,
  isRolledBack,
  isUncertain,
  type SupabasePlace,
  toSupabaseError,
} from './supabase-errors.js'
import {
  Diverged,
  type Guesses,
  isLeftForTheEnd,
  Script,
  type Step,
  takeAnswers,
  toStatement,
} from './supabase-script.js'

export interface SupabaseEngineOptions {
  readonly queries: Queries
  readonly calls: Calls
  readonly place: SupabasePlace
  /** The last migration that this program knows. */
  readonly schemaNumber: number
  /** How long to ask for the outcome of a change whose answer was lost. */
  readonly outcomeMs: number
  /** A clock other than the database's, for tests: milliseconds since 1970. */
  readonly now?: () => number
}

/** How long a change is tried that others come before, in milliseconds. */
const PATIENCE_MS = 30_000
const MOST_TRIES = 3
const PAUSE_MS = 20
const LONGEST_PAUSE_MS = 400

type Unit<T> = {
  readonly id: string
  readonly lasting: ChangeRequest['lasting']
  /** What each attempt would answer: which of them was the one, the database says. */
  readonly answers: T[]
  /** The time by which all statements go, once there is one. */
  now: number | undefined
  /** Whether a request for good may still be on its way. */
  lost: boolean
}

/**
 * A database that is reached by one function call at a time, each of which is a transaction of its own, so that nothing can
 * be held from one to the next.
 *
 * A unit of work is tried first: each time that it wants to know something, all of its statements so far are run and undone.
 * Once it has ended, they are run all together and stay only where each answers as it did before. So the last call is the
 * very transaction that the work would have been on a connection of its own, with the same locks. Where an answer differs,
 * somebody else was faster, and the work is done again.
 */
export class SupabaseEngine implements SqlEngine {
  readonly queries: Queries
  readonly #options: SupabaseEngineOptions
  readonly #guesses: Guesses = new Map()
  readonly #underWay = new Set<Promise<unknown>>()
  #lastTurn: Promise<void> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(options: SupabaseEngineOptions) {
    this.queries = options.queries
    this.#options = options
  }

  read<T>(operation: string, work: (session: Session) => Promise<T> | T): Promise<T> {
    return this.#call(operation, async () => {
      return work(new Script([], (steps) => this.#askFor(steps)))
    })
  }

  /**
   * Does `work` until all that it has read is of one moment, which may be several times. It leaves no other trace than its
   * answer.
   */
  snapshot<T>(operation: string, work: (session: Session) => Promise<T>): Promise<T> {
    return this.#call(operation, () =>
      this.#patiently(operation, async (known) => {
        let asked = false
        const script = new Script(known, (steps) => {
          asked = true
          return this.#askFor(steps)
        })
        const answer = await work(script)
        script.end()
        // What was known is of one moment, and so is what was asked for once.
        if (!asked || script.steps.length <= 1) return { answer }
        const { answers } = await this.#read(script.steps)
        for (const [i, found] of answers.entries()) {
          const step = script.steps[i]
          if (step !== undefined && found !== null) step.answer = { ...found, is: 'seen' }
        }
        return answers.every((found) => found === null) ? { answer } : { known: script.steps }
      }),
    )
  }

  write<T>(operation: string, work: (session: Session) => Promise<T> | T): Promise<T> {
    return this.#call(operation, () => this.#write(operation, 'lasting', work))
  }

  /** https://www.postgresql.org/docs/current/wal-async-commit.html */
  writeForNow<T>(operation: string, work: (session: Session) => Promise<T> | T): Promise<T> {
    return this.#call(operation, () => this.#write(operation, 'for now', work))
  }

  checkStorage(): void {
    // A server that answers has its storage.
  }

  /** What can be given back, the server's own vacuum does. */
  async reclaimSpace(): Promise<number> {
    return this.#call('reclaimSpace', async () => 0)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
  }

  async #call<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const { place } = this.#options
    if (this.#closing !== undefined) throw closedError(operation, place)
    const tracked: Promise<T> = work()
      .catch((error: unknown) => {
        throw toSupabaseError(error, operation, place)
      })
      .finally(() => this.#underWay.delete(tracked))
    this.#underWay.add(tracked)
    return tracked
  }

  /** Reads what has no answer yet. */
  async #askFor(steps: readonly Step[]): Promise<void> {
    const open = steps.filter(({ answer }) => answer === undefined)
    takeAnswers(open, (await this.#read(open)).answers)
  }

  #read(steps: readonly Step[]): Promise<Response> {
    const now = this.#options.now?.()
    const statements = steps.map(toStatement)
    return again(() => this.#options.calls.read({ statements, ...(now === undefined ? {} : { now }) }))
  }

  async #write<T>(
    operation: string,
    lasting: ChangeRequest['lasting'],
    work: (session: Session) => Promise<T> | T,
  ): Promise<T> {
    const unit: Unit<T> = { id: randomUUID(), lasting, answers: [], now: this.#options.now?.(), lost: false }
    return this.#patiently(operation, async (known) => {
      const script = new Script(known, (steps) => this.#try(unit, operation, steps), this.#guesses)
      const done = await this.#run(script, work)
      if ('answer' in done && script.onlyRead && !unit.lost) return done
      if ('answer' in done) unit.answers.push(done.answer)
      const settled = 'cause' in done ? done : await this.#settle(unit, operation, script.steps)
      if ('answer' in settled) return settled
      const { cause } = settled
      if (cause instanceof Diverged && cause.wrong === 'guess') return { known: script.steps }
      if (!(cause instanceof Diverged || cause instanceof StateChanged || isRolledBack(cause))) throw cause
      // What was found is of the past, and so is the time.
      unit.now = this.#options.now?.()
      return { known: [] }
    })
  }

  async #run<T>(
    script: Script,
    work: (session: Session) => Promise<T> | T,
  ): Promise<{ answer: T } | { cause: unknown }> {
    try {
      const answer = await work(script)
      script.end()
      return { answer }
    } catch (error) {
      script.fail(error)
      // What the work failed of may be nothing but a guess.
      const found =
        error instanceof Diverged || !script.hasGuesses
          ? error
          : await script.check().catch((different: unknown) => different)
      return { cause: found instanceof Diverged ? found : error }
    }
  }

  /** Runs the statements and undoes them. @throws Diverged */
  async #try<T>(unit: Unit<T>, operation: string, steps: readonly Step[]): Promise<void> {
    const tried = steps.filter((step) => !isLeftForTheEnd(step))
    const response = await again(() => this.#change(unit, operation, tried))
    unit.now = response.now
    takeAnswers(tried, response.answers, this.#guesses)
  }

  /** Runs the statements for good, and asks until it is known what became of them. */
  async #settle<T>(
    unit: Unit<T>,
    operation: string,
    steps: readonly Step[],
  ): Promise<{ answer: T } | { cause: unknown }> {
    const attempt = unit.answers.length
    const deadline = performance.now() + this.#options.outcomeMs
    for (;;) {
      try {
        const { settled, answers } = await this.#change(unit, operation, steps, attempt)
        // One of the attempts before may have been the one, where its answer was lost.
        if (settled !== undefined && settled !== null) return { answer: unit.answers[settled - 1] as T }
        return { cause: differenceIn(steps, answers, this.#guesses) }
      } catch (error) {
        unit.lost ||= isUncertain(error)
        // The database waits for a request that is under way, so what it says of this one holds for that one too.
        if (unit.lost ? isFromDatabase(error) : !isPassing(error)) return { cause: error }
        if (performance.now() > deadline)
          throw toSupabaseError(error, operation, this.#options.place, unit.lost ? 'unknown' : 'not-applied')
      }
      await delay(PAUSE_MS * 5)
    }
  }

  async #change<T>(
    { id, lasting, now }: Unit<T>,
    operation: string,
    steps: readonly Step[],
    attempt?: number,
  ): Promise<Response> {
    const { schemaNumber, calls, place } = this.#options
    const response = await calls.change({
      statements: steps.map(toStatement),
      schema: schemaNumber,
      lasting,
      ...(now === undefined ? {} : { now }),
      ...(attempt === undefined ? {} : { id, attempt }),
    })
    if (response.schema !== null && response.schema > schemaNumber)
      throw new DatabaseError(
        { operation, ...place, expected: schemaNumber, actual: response.schema },
        { reason: schemaNewer },
      )
    return response
  }

  /** Waits for those of this process whom others came before too, so that they do not go on to do that to each other. */
  async #turn(): Promise<() => void> {
    const before = this.#lastTurn
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#lastTurn = promise
    await before
    return resolve
  }

  /** Makes attempts until one has an answer; each begins with what the one before has found. */
  async #patiently<T>(
    operation: string,
    attempt: (known: readonly Step[]) => Promise<{ answer: T } | { known: readonly Step[] }>,
  ): Promise<T> {
    let deadline = performance.now() + PATIENCE_MS
    let known: readonly Step[] = []
    let endTurn: (() => void) | undefined
    try {
      for (let pause = 0; performance.now() < deadline; ) {
        const outcome = await attempt(known)
        if ('answer' in outcome) return outcome.answer
        known = outcome.known
        if (known.length > 0) continue
        if (endTurn === undefined) {
          endTurn = await this.#turn()
          deadline = performance.now() + PATIENCE_MS
          continue
        }
        pause = Math.min(pause + PAUSE_MS, LONGEST_PAUSE_MS)
        await delay(pause * Math.random())
      }
    } finally {
      endTurn?.()
    }
    throw new DatabaseError({ operation, ...this.#options.place }, { reason: serializationFailure })
  }
}

function differenceIn(steps: readonly Step[], answers: Response['answers'], guesses: Guesses): Diverged {
  try {
    takeAnswers(steps, answers, guesses)
  } catch (error) {
    if (error instanceof Diverged) return error
    throw error
  }
  throw new TypeError('a change is neither settled nor refused')
}

/** Asks again where that changes nothing and may be answered the next time. */
async function again<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      if (tries === MOST_TRIES || !isPassing(error)) throw error
    }
    await delay(PAUSE_MS * tries * (0.5 + Math.random()))
  }
}
